/** The built product with a mail server and no chat: what is urgent arrives by mail, with its chart, as one thread. */
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BotProcess, buildOnce, removeFolder, startBot, until } from '../support/bot-process.ts';
import { createFilePatient, type FilePatient, inState, watched } from '../support/file-patient.ts';

let shop: FilePatient;
let bot: BotProcess;
let server: SMTPServer;
beforeAll(buildOnce, 120_000);
afterEach(async () => {
  await bot.kill('SIGKILL');
  removeFolder(shop.folder);
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

describe('mail', () => {
  it('tells what waits for a yes, and how it ended, in one thread', async () => {
    const mails: string[] = [];
    server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData(stream, _session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push(Buffer.concat(chunks).toString());
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as { port: number };
    shop = createFilePatient({ critical: true });
    bot = await startBot({
      folder: shop.folder,
      configs: shop.configs,
      env: { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'bot@example.org', MAIL_TO: 'ada@example.org' },
    });
    await watched(bot);

    shop.goDown();
    await inState(bot, 'awaiting_approval');
    const first = await until(60_000, () => mails[0]);
    const id = /^Message-ID: <(inc-[^>]+)\.0@example\.org>/im.exec(first)?.[1] ?? '';
    const approval = /nightshift approve/.test(first);
    const [pending] = ((await bot.get('/api/approvals')).body as { approvals: { id: string }[] }).approvals;
    await bot.command('approve', { id: pending?.id ?? '' });
    await inState(bot, 'resolved');
    const last = await until(60_000, () => mails.find((mail) => /Healed/.test(mail)));

    expect(id).toMatch(/^inc-/);
    expect(approval).toBe(true);
    expect(first).toMatch(/^List-Id: Nightshift on /im);
    expect(last).toContain(`<${id}.0@example.org>`);
    expect((await bot.command('test mail', {})).ok).toBe(true);
  }, 180_000);
});
