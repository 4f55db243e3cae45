import type { IClientOptions, MqttClient } from "mqtt";
import type { Options } from "../../../scenarios/contract.ts";
import { backoffMs, type BackoffWindow } from "../../../scenarios/lib/backoff.ts";

/** Options of the `mqtt` package for its own reconnection. "usual": its default, which is every second. */
export function mqttReconnection(reconnect: Options["reconnect"]): IClientOptions {
  if (reconnect === undefined) return { reconnectPeriod: 0 };
  return {
    resubscribe: false, // openMqtt subscribes, to know when that is granted
    reconnectOnConnackError: true,
    ...(reconnect !== "usual" && { reconnectPeriod: 1 }),
  };
}

/**
 * Lets the package wait as `Options.reconnect` says. The package itself knows one period only, and reads it before each
 * attempt. It takes 1 ms in place of 0.
 */
export function followWindow(client: MqttClient, window: BackoffWindow): void {
  let attempts = 0;
  const draw = (): void => {
    client.options.reconnectPeriod = Math.max(1, Math.round(backoffMs(window, attempts++, Math.random)));
  };
  client.on("offline", () => {
    attempts = 0;
    draw();
  });
  client.on("reconnect", draw);
}
