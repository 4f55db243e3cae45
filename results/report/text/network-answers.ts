import type { HeadlineSentence } from "./headline.ts";
import { linkFillings, lossCosts, roundTripCosts } from "./network-costs.ts";
import { latencyMeasure, orderSentence } from "./network-order.ts";
import type { NetworkSeries } from "./network-series.ts";

/** What a condition costs each transport, by its word. */
const costs = {
  rtt: { topic: "Cost of a round trip", sentences: roundTripCosts },
  loss: { topic: "Cost of loss", sentences: lossCosts },
  rate: { topic: "Filling of a link", sentences: linkFillings },
};

/** The findings of one series of networks: who is behind from where on, and what the condition costs each transport. */
export function networkAnswers(series: NetworkSeries): HeadlineSentence[] {
  const { word, title } = series.axis;
  const { topic, sentences } = costs[word];
  const found = [
    { topic: `By ${title}`, text: orderSentence(series, latencyMeasure(series)) },
    {
      topic,
      text: sentences(series)
        .filter((each) => each !== "")
        .join(" "),
    },
  ];
  return found.filter(({ text }) => text !== "");
}
