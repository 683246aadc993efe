/** Targets of kind `http`: a service with control URLs. How it is, its probes tell; the driver never asks. */
import type { HttpClient, HttpResult } from '../../domain/ports.ts';
import type { Outcome } from '../../domain/strategy.ts';
import type { Capability, HttpControl, HttpTarget } from '../../domain/target.ts';
import { seconds } from '../../domain/units.ts';
import { fillText } from '../templates.ts';
import {
  type CapabilityCall,
  type CapabilityText,
  cannot,
  failed,
  succeeded,
  type TargetDriver,
} from './driver.ts';

const CONTROL_LIMIT = seconds(30);
/** Setting a state twice is the same as once; adding and sending again are not. */
const NOT_IDEMPOTENT: readonly Capability[] = ['scale', 'redistribute', 'restart'];
/** The request never left this host. */
const NEVER_SENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/;

export function createHttpDriver(target: HttpTarget, http: HttpClient, host: string): TargetDriver {
  const send = async (
    control: HttpControl | undefined,
    call: CapabilityCall,
    signal: AbortSignal,
  ): Promise<Outcome> => {
    if (control === undefined) return failed(`${target.name} has no such control`);
    const { url, method, body } = fill(control, call, target.name, host);
    const result = await http.request({
      url,
      method,
      timeLimit: CONTROL_LIMIT,
      signal,
      ...(body === null ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    return toOutcome(result);
  };

  return {
    target,
    capabilities: () => Object.keys(target.controls) as Capability[],
    describe: (call) => describe(call, target, host),
    perform: (call, signal) => send(target.controls[call.capability], call, signal),
    undo: (call, signal) => send(target.undo[call.capability], call, signal),
    state: () => ({ name: target.name, up: null, pids: [], reason: 'its probes tell' }),
    refresh: () => Promise.resolve(),
  };
}

function describe(call: CapabilityCall, target: HttpTarget, host: string): CapabilityText {
  const control = target.controls[call.capability];
  const inverse = target.undo[call.capability];
  if (control === undefined) return cannot(target, call.capability);
  return {
    kind: 'can',
    effect: show(fill(control, call, target.name, host)),
    undo: inverse === undefined ? null : show(fill(inverse, call, target.name, host)),
    idempotent: !NOT_IDEMPOTENT.includes(call.capability),
    forks: false,
  };
}

function fill(control: HttpControl, call: CapabilityCall, target: string, host: string): HttpControl {
  const values = {
    target,
    host,
    perSecond: call.capability === 'rate_limit' ? call.perSecond : null,
    spanSeconds: call.capability === 'rate_limit' ? call.span / 1_000 : null,
    by: call.capability === 'scale' ? call.by : null,
    to: call.capability === 'redistribute' ? call.to : null,
  };
  return {
    method: control.method,
    url: fillText(control.url, values),
    body: control.body === null ? null : fillText(control.body, values),
  };
}

/** The query may carry a key, so people see the URL without it. */
function show({ method, url, body }: HttpControl): string {
  const query = url.indexOf('?');
  const shown = query === -1 ? url : `${url.slice(0, query)}?…`;
  return body === null ? `${method} ${shown}` : `${method} ${shown} ${body.slice(0, 200)}`;
}

/** Shared by every request that acts: an answer is an answer, silence after sending is unknown. */
export function toOutcome(result: HttpResult): Outcome {
  switch (result.kind) {
    case 'answered':
      if (result.status >= 200 && result.status < 300) return succeeded(`answered ${result.status}`);
      return failed(`answered ${result.status}`);
    case 'timed_out':
      return { kind: 'unknown', reason: 'no answer in time' };
    case 'failed':
      return NEVER_SENT.test(result.reason)
        ? failed(result.reason)
        : { kind: 'unknown', reason: `no answer: ${result.reason}` };
  }
}
