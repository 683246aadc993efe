/** What the surfaces have to say about their own setting up: their platforms' answers, mail, and who may press. */
import type { DoctorAnswer, DoctorCheck } from '../domain/doctor.ts';
import { describeError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { BotConfig } from './config.ts';
import type { Mailer } from './email/mailer.ts';
import type { ChatSurfaceId } from './surface.ts';

const CHECK_LIMIT = seconds(30);

export function mailCheck(mailer: Mailer): DoctorCheck {
  return {
    name: 'mail server',
    async run() {
      const outcome = await mailer.verify();
      if (outcome.kind === 'sent')
        return { kind: 'ok', text: `The mail server takes mail for ${mailer.to.join(', ')}.` };
      return { kind: 'finding', text: outcome.reason, mend: 'Look at SMTP_URL, MAIL_FROM and MAIL_TO.' };
    },
  };
}

/** Somebody has to be able to say yes where the question is asked. */
export function rolesCheck(
  surface: ChatSurfaceId,
  config: () => Pick<BotConfig, 'people' | 'groups'>,
): DoctorCheck {
  return {
    name: `${surface} roles`,
    async run() {
      const { people, groups } = config();
      const person = people.some((each) => each.roles.includes('approver') && each[surface].length > 0);
      const ids = surface === 'slack' ? ('slackGroups' as const) : ('discordRoles' as const);
      const group = groups.some((each) => each.role === 'approver' && each[ids].length > 0);
      if (person || group) return { kind: 'ok', text: `Somebody on ${surface} may approve.` };
      return {
        kind: 'finding',
        text: `Nobody on ${surface} may approve: all are viewers there.`,
        mend: `Put their ids under people (${surface}) or ${ids} in bot.json; whoami tells a person's id.`,
      };
    },
  };
}

export interface Checked {
  readonly name: string;
  readonly answer: DoctorAnswer;
}

/** All at once; a check that fails or hangs is one that could not be asked. */
export async function runChecks(checks: readonly DoctorCheck[], clock: Clock): Promise<readonly Checked[]> {
  return Promise.all(
    checks.map(async ({ name, run }): Promise<Checked> => {
      try {
        return { name, answer: await withDeadline(clock, { what: name, span: CHECK_LIMIT }, run) };
      } catch (cause) {
        return { name, answer: { kind: 'skipped', text: describeError(cause) } };
      }
    }),
  );
}

/** The findings, each with how to mend it; empty where all is well. */
export function findingLines(checked: readonly Checked[]): readonly string[] {
  return checked.flatMap(({ name, answer }) =>
    answer.kind === 'finding' ? [`${name}: ${answer.text} ${answer.mend}`] : [],
  );
}
