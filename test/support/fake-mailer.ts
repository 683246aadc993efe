/** A mail server in memory: what arrived, and failures on order. */
import type { MailOutcome } from '../../src/bot/email/faults.ts';
import type { Mailer, MailMessage } from '../../src/bot/email/mailer.ts';

export interface FakeMailer extends Mailer {
  readonly sent: MailMessage[];
  readonly tried: MailMessage[];
  /** How the next mails go; then they arrive. */
  readonly outcomes: MailOutcome[];
  verified: MailOutcome;
}

export function createFakeMailer(): FakeMailer {
  const fake: FakeMailer = {
    from: 'nightshift@example.org',
    to: ['ada@example.org'],
    sent: [],
    tried: [],
    outcomes: [],
    verified: { kind: 'sent', response: '' },
    async send(message) {
      fake.tried.push(message);
      const outcome = fake.outcomes.shift() ?? { kind: 'sent', response: '250 ok' };
      if (outcome.kind === 'sent') fake.sent.push(message);
      return outcome;
    },
    verify: async () => fake.verified,
  };
  return fake;
}
