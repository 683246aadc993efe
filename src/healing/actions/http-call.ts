/** One HTTP request to a configured URL. An answer outside 2xx is a failure; silence after sending is unknown. */
import { toOutcome } from '../targets/http.ts';
import { fillText } from '../templates.ts';
import { type ActionDoors, type ActionOf, type ActionSpec, hasNoInverse, type Place } from './action.ts';

type HttpCall = ActionOf<'http_call'>;

export function httpCall(doors: ActionDoors): ActionSpec<HttpCall> {
  const urlOf = (action: HttpCall, place: Place): string =>
    fillText(action.url, { target: place.target, host: doors.host });
  return {
    describe(action, place) {
      const url = urlOf(action, place);
      if (/\{(target|host)\}/.test(url))
        return { kind: 'cannot', reason: 'its URL needs a target and there is none' };
      return {
        kind: 'can',
        effect: `${action.method} ${withoutQuery(url)}`,
        undo: null,
        idempotent: action.method !== 'POST',
        forks: false,
        touches: true,
        heals: true,
        needsApproval: action.needsApproval,
      };
    },
    async run(action, place, signal) {
      const { method, timeLimit } = action;
      return toOutcome(await doors.http.request({ url: urlOf(action, place), method, timeLimit, signal }));
    },
    undo: (action) => hasNoInverse(action.kind),
  };
}

/** The query may carry a key. */
function withoutQuery(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : `${url.slice(0, query)}?…`;
}
