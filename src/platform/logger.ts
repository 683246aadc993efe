/**
 * Structured log: one JSON object a line. Never throws, whatever it is handed and wherever it writes; secrets are
 * taken out of every key and value first.
 */
import type { Clock, LogFields, Logger } from '../domain/ports.ts';
import { toIso } from '../domain/units.ts';
import { toPlainRecord } from './plain-data.ts';
import type { Redact } from './redact.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerDeps {
  /** Takes one line without its newline. */
  write(line: string): void;
  readonly redact: Redact;
  /** What is below is not written. */
  readonly level: LogLevel;
  readonly clock: Clock;
}

export function createLogger(deps: LoggerDeps): Logger {
  const at = (level: LogLevel) => {
    const quiet = LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(deps.level);
    return (message: string, fields?: LogFields): void => {
      if (!quiet) writeLine(deps, level, message, fields);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function writeLine(deps: LoggerDeps, level: LogLevel, message: string, fields: LogFields = {}): void {
  try {
    const head = { time: toIso(deps.clock.now()), level, message: deps.redact(message) };
    // Named twice: first for their place in the line, then so that no field can take their name.
    deps.write(JSON.stringify({ ...head, ...toPlainRecord(fields, deps.redact), ...head }));
  } catch {
    // The log cannot be written, and there is no other place to say so.
  }
}
