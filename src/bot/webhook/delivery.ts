/** One try to send one letter, and the sign of life of the dead man's switch. Never throws, never repeats. */
import type { Clock, HttpClient, Logger } from '../../domain/ports.ts';
import { hours, type Ms, ms, seconds } from '../../domain/units.ts';
import { isPrivateHost } from '../../platform/address-guard.ts';
import type { SinkConfig } from './config.ts';
import type { Letter, Sent } from './outbound-queue.ts';
import { dress } from './presets.ts';

const SEND_LIMIT: Ms = seconds(10);
const MOST_RETRY_AFTER: Ms = hours(1);

export interface DeliveryDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Connects to public addresses only. */
  readonly publicHttp: HttpClient;
  readonly http: HttpClient;
  readonly readSecret: (file: string) => string | null;
  /** False while a needed part is down: the dead man's switch is told. */
  readonly isWell: () => boolean;
}

export async function deliver(letter: Letter, sink: SinkConfig, deps: DeliveryDeps): Promise<Sent> {
  const url = addressOf(sink, deps);
  if (url === null) return { kind: 'failed', reason: 'its address cannot be read' };
  if (!sink.allowPrivate && isPrivateHost(new URL(url).hostname)) {
    return {
      kind: 'failed',
      reason: 'its address is of this host or a private network (allowPrivate is not set)',
    };
  }
  const secret = sink.secretFile === undefined ? null : deps.readSecret(sink.secretFile);
  const context = { sink, url, secret, now: deps.clock.now(), recipient: letter.recipient };
  const dressed = dress(letter.message, context);
  if (dressed === null) return { kind: 'taken' };
  const http = sink.allowPrivate ? deps.http : deps.publicHttp;
  const answer = await http.request({ ...dressed, method: 'POST', timeLimit: SEND_LIMIT });
  if (answer.kind === 'timed_out') return { kind: 'failed', reason: 'no answer within 10 s' };
  if (answer.kind === 'failed') return { kind: 'failed', reason: answer.reason };
  if (answer.status >= 200 && answer.status < 300) return { kind: 'taken' };
  return { kind: 'refused', status: answer.status, retryAfter: clamp(answer.retryAfter) };
}

/** Where we went quiet, somebody else notices: this is what they listen for. Never repeated; the next one comes. */
export async function signOfLife(sink: SinkConfig, deps: DeliveryDeps): Promise<void> {
  const url = addressOf(sink, deps);
  if (url === null) return;
  const http = sink.allowPrivate ? deps.http : deps.publicHttp;
  const answer = await http.request({
    url: deps.isWell() ? url : `${url.replace(/\/+$/, '')}/fail`,
    timeLimit: SEND_LIMIT,
  });
  if (answer.kind !== 'answered' || answer.status >= 300) {
    deps.log.warn('sign of life not delivered', { sink: sink.name, kind: answer.kind });
  }
}

function addressOf({ url, urlFile }: SinkConfig, { readSecret }: DeliveryDeps): string | null {
  const address = url ?? (urlFile === undefined ? null : readSecret(urlFile));
  return address !== null && URL.canParse(address) ? address : null;
}

function clamp(asked: Ms | undefined): Ms | null {
  return asked === undefined ? null : ms(Math.min(asked, MOST_RETRY_AFTER));
}
