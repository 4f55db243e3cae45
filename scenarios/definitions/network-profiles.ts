/** A network that others have measured or agreed on, as conditions without a name, and where the numbers are from. */
export interface NetworkProfile {
  conditions: string;
  source: string;
}

const webPageTest = "WebPageTest, connectivity.ini.sample";

/** Named networks, from the slowest to the fastest. */
export const networkProfiles = {
  "2g": { conditions: "rtt=1300ms,rate=35kbit/32kbit", source: webPageTest },
  edge: { conditions: "rtt=840ms,rate=240kbit/200kbit", source: webPageTest },
  "edge-lossy": {
    conditions: "rtt=840ms,loss=1%,rate=240kbit/200kbit",
    source: "WebPageTest, with the loss of Facebook ATC's Edge-Lossy",
  },
  "3g-slow": { conditions: "rtt=200ms,rate=780kbit/330kbit", source: "WebPageTest; Facebook ATC's 3G-Average" },
  "3g": { conditions: "rtt=300ms,rate=1600kbit/768kbit", source: webPageTest },
  "4g-slow": { conditions: "rtt=150ms,rate=1600kbit/768kbit", source: "Lighthouse, mobileSlow4G, its default" },
  "3g-fast": { conditions: "rtt=150ms,rate=1600kbit/768kbit", source: webPageTest },
  "4g": { conditions: "rtt=170ms,rate=9mbit", source: "WebPageTest, as others quote it" },
  dsl: { conditions: "rtt=50ms,rate=1500kbit/384kbit", source: webPageTest },
  cable: { conditions: "rtt=28ms,rate=5mbit/1mbit", source: webPageTest },
  fios: { conditions: "rtt=4ms,rate=20mbit/5mbit", source: webPageTest },
  broadband: { conditions: "rtt=40ms,rate=10mbit", source: "Lighthouse, desktopDense4G" },
  "wifi-lossy": { conditions: "rtt=40ms,loss=0.2%,rate=30mbit", source: "comcast, its table's WIFI (good)" },
} as const satisfies Record<string, NetworkProfile>;

/** Name of such a network. */
export type NetworkName = keyof typeof networkProfiles;
