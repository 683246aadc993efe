/** Reports of the past: written to `data/reports`, shown in short, and posted to chat where asked. */
import { z } from 'zod';
import { REPORT_KINDS } from '../../domain/report.ts';
import { days } from '../../domain/units.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { choice, flag, momentOf, since } from './options.ts';
import { failed, ok } from './replies.ts';

const DEFAULT_PERIOD = { kind: 'ago', span: days(7) } as const;

export const REPORT_COMMANDS: readonly Command[] = [
  entry({
    words: ['report'],
    summary: 'Writes a report of the past and shows it in short',
    role: 'viewer',
    options: z.strictObject({
      kind: choice('which report (anomaly)', REPORT_KINDS).optional(),
      period: since('since when (7d)').optional(),
      post: flag('also post it to chat').optional(),
    }),
    positional: ['kind'],
    changes: false,
    example: 'report anomaly --period 7d',
    async run(options, { controls, now }) {
      const from = momentOf(options.period ?? DEFAULT_PERIOD, now);
      const result = await controls.reports.write(options.kind ?? 'anomaly', { from, to: now });
      switch (result.kind) {
        case 'failed':
          return failed(result.reason, { reason: result.reason });
        case 'written': {
          const { title, summary, path, dated, markdown, picture, data } = result;
          const said = options.post === true ? controls.reports.post(title, summary, picture) : null;
          const posted = options.post === true ? [said ?? 'Posted to chat.'] : [];
          return ok([title, ...summary, `The whole report: ${path}`, ...posted].join('\n'), {
            path,
            dated,
            posted: options.post === true && said === null,
            markdown,
            report: data,
          });
        }
      }
    },
  }),
];
