/** A surface thread that does what the card's title says: the ways in which an SDK can die, on demand. */

import { fault, faultError } from '../../../src/bot/surface-fault.ts';
import { serveSurface } from '../../../src/bot/surface-worker.ts';

serveSurface((options, tools) => {
  const { refuse } = options as { readonly refuse?: string };
  return {
    async start() {
      if (refuse === undefined) tools.health('up', '');
      else tools.fatal(refuse);
    },
    async put(card, placed, { call }) {
      tools.log.info('put', { call });
      switch (card.title) {
        case 'throw later':
          setTimeout(() => {
            throw new Error('thrown where nobody catches');
          }, 1);
          return new Promise(() => {});
        case 'reject':
          void Promise.reject(undefined);
          return new Promise(() => {});
        case 'exit':
          leave();
          break;
        case 'hang':
          hang();
          break;
        case 'eat memory':
          eatMemory();
          break;
        case 'never answer':
          return new Promise(() => {});
        case 'answer late':
          await tools.clock.sleep(tools.timing.answerWithin);
          await tools.clock.sleep(tools.timing.beatEvery);
          break;
        case 'wait':
          throw faultError('slack', fault('rate_limited', 'Slack asked to wait.', 7));
        case 'print':
          process.stdout.write('printed by the sdk\n');
          break;
        case 'command':
          void tools
            .ask({
              what: 'command',
              invocation: {
                surface: 'slack',
                user: { id: 'U1', display: 'u', groups: [] },
                text: 'status',
                dedupe: 'd1',
              },
            })
            .then((reply) => tools.log.info('answered', { text: reply.text }));
          break;
      }
      return placed ?? { channel: 'C1', message: `${card.key}.${call}.${process.pid}`, thread: 'T1' };
    },
    picture: async (_card, placed, { key, alt }) => ({ ...placed, picture: { key, alt, file: 'F1' } }),
    async append(_placed, line) {
      tools.log.info('appended', { id: line.id });
    },
    http: async ({ body }) => ({
      status: 200,
      headers: {},
      body: `echo ${body} ${Object.keys(process.env).length}`,
    }),
    async stop() {
      tools.log.info('stopping');
    },
  };
});

function leave(): void {
  process.exit(0);
}

function hang(): void {
  for (;;);
}

function eatMemory(): void {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(100_000).fill(kept.length));
}
