/**
 * The SDK's own log lines, as debug lines of ours: what matters is said by our code in constant words. The
 * SDK's debug lines hold payloads and are dropped.
 */
import { type App, LogLevel } from '@slack/bolt';
import type { Logger } from '../../domain/ports.ts';
import { inertLine } from '../inert.ts';

type SdkLogger = NonNullable<NonNullable<ConstructorParameters<typeof App>[0]>['logger']>;

export function createSdkLogger(log: Logger): SdkLogger {
  const say =
    (level: string) =>
    (...parts: unknown[]): void =>
      log.debug('slack sdk', { level, text: inertLine(parts.map(String).join(' ')).slice(0, 300) });
  return {
    debug: () => {},
    info: () => {},
    warn: say('warn'),
    error: say('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}

export type { SdkLogger };
