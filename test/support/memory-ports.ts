/** One in-memory version of each port, for tests of a room without its neighbours. */
import { createHash } from 'node:crypto';
import type {
  AuditEntry,
  AuditLine,
  AuditLog,
  CommandRequest,
  CommandResult,
  CommandRunner,
  Document,
  HttpClient,
  HttpRequest,
  HttpResult,
  Live,
  Logger,
  Parse,
  Random,
  StateStore,
} from '../../src/domain/ports.ts';
import { type EpochMs, epochMs, ms, toIso } from '../../src/domain/units.ts';

export interface MemoryLogger extends Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: unknown }[];
}

export function createMemoryLogger(): MemoryLogger {
  const lines: MemoryLogger['lines'] = [];
  const at =
    (level: string) =>
    (message: string, fields?: unknown): void =>
      void lines.push({ level, message, fields });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface MemoryAudit extends AuditLog {
  readonly lines: AuditLine[];
  /** Makes every following append fail, as a full disk would. */
  fail(yes: boolean): void;
}

export function createMemoryAudit(now: () => EpochMs = () => epochMs(1_795_312_800_000)): MemoryAudit {
  const lines: AuditLine[] = [];
  let failing = false;
  return {
    lines,
    fail(yes) {
      failing = yes;
    },
    async append(entry: AuditEntry): Promise<AuditLine> {
      if (failing) throw new Error('audit disk full');
      const prev = lines.at(-1)?.hash ?? '0'.repeat(64);
      const seq = lines.length + 1;
      const hash = createHash('sha256')
        .update(JSON.stringify({ ...entry, seq, prev }))
        .digest('hex');
      const line: AuditLine = { ...entry, seq, time: toIso(now()), prev, hash };
      lines.push(line);
      return line;
    },
    async query(query) {
      return lines.slice(-query.limit);
    },
    async verify() {
      return { kind: 'intact', lines: lines.length, head: lines.at(-1)?.hash ?? '', files: 1 };
    },
    isWritable: () => !failing,
  };
}

/** Survives "restarts": open the same name again and the last value is there, re-parsed from JSON. */
export function createMemoryStateStore(): StateStore & { readonly saved: Map<string, string> } {
  const saved = new Map<string, string>();
  return {
    saved,
    async open<T>(name: string, parse: Parse<T>, defaults: T) {
      const text = saved.get(name);
      let value = text === undefined ? defaults : parse(JSON.parse(text));
      const document: Document<T> = {
        get value() {
          return value;
        },
        async update(change) {
          value = change(value);
          saved.set(name, JSON.stringify(value));
          return value;
        },
      };
      return { document, origin: text === undefined ? 'fresh' : 'main', warning: '' } as const;
    },
  };
}

export interface MemoryCommands extends CommandRunner {
  readonly calls: CommandRequest[];
}

export function createMemoryCommands(
  answer: (request: CommandRequest) => CommandResult | Promise<CommandResult> = () => ({
    kind: 'exited',
    code: 0,
    output: '',
    took: ms(1),
  }),
): MemoryCommands {
  const calls: CommandRequest[] = [];
  return {
    calls,
    async run(request) {
      calls.push(request);
      return answer(request);
    },
  };
}

export interface MemoryHttp extends HttpClient {
  readonly calls: HttpRequest[];
}

export function createMemoryHttp(
  answer: (request: HttpRequest) => HttpResult | Promise<HttpResult> = () => ({
    kind: 'answered',
    status: 200,
    body: '',
    took: ms(5),
  }),
): MemoryHttp {
  const calls: HttpRequest[] = [];
  return {
    calls,
    async request(request) {
      calls.push(request);
      return answer(request);
    },
  };
}

/** Deterministic: the same seed gives the same numbers and ids. */
export function createSeededRandom(seed = 1): Random {
  let state = seed >>> 0 || 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  return {
    next,
    hex: (count) =>
      Array.from({ length: count }, () =>
        Math.floor(next() * 256)
          .toString(16)
          .padStart(2, '0'),
      ).join(''),
  };
}

export function live<T>(value: T): Live<T> & { set(next: T): void } {
  let current = value;
  return {
    current: () => current,
    set(next) {
      current = next;
    },
  };
}
