/** The few questions of `nightshift init`, on a terminal only. What a flag has answered is not asked. */
import type { Mode } from '../../domain/events.ts';
import { type Answers, channelFault, readService, serviceFault } from './answers.ts';

/** `null` = the person gave up. */
export async function askAnswers(given: Partial<Answers>): Promise<Answers | null> {
  const { intro } = await import('@clack/prompts');
  intro('Nightshift: a few questions; Enter takes what is proposed.');
  const mode = given.mode ?? (await askMode());
  if (mode === null) return null;
  const services = given.services ?? (await askServices());
  if (services === null) return null;
  const variables = given.variables ?? (await askChat());
  if (variables === null) return null;
  return { mode, timezone: given.timezone ?? null, services, variables };
}

export async function askReplace(path: string): Promise<boolean> {
  const { confirm, isCancel } = await import('@clack/prompts');
  const message = `${path} is there and differs. Replace it? The old one is kept as ${path}.bak.`;
  const answer = await confirm({ message, initialValue: false });
  return !isCancel(answer) && answer;
}

async function askMode(): Promise<Mode | null> {
  const { isCancel, select } = await import('@clack/prompts');
  const answer = await select<Mode>({
    message: 'What may it do?',
    options: [
      { value: 'dry-run', label: 'Watch and propose (change it any time: nightshift mode production)' },
      { value: 'production', label: 'Heal' },
    ],
    initialValue: 'dry-run',
  });
  return isCancel(answer) ? null : answer;
}

async function askServices(): Promise<Answers['services'] | null> {
  const answer = await askText(
    'What is to be watched? Units or NAME=http://…, with spaces between; empty: the host',
    (text) => wordsOf(text).map(serviceFault).find(isFault) ?? undefined,
  );
  return answer === null ? null : wordsOf(answer).map(readService);
}

async function askChat(): Promise<Readonly<Record<string, string>> | null> {
  const { isCancel, select } = await import('@clack/prompts');
  const chat = await select({
    message: 'Where are people told?',
    options: [
      { value: 'none', label: 'In the console only' },
      { value: 'slack', label: 'Slack' },
      { value: 'discord', label: 'Discord' },
    ],
    initialValue: 'none',
  });
  if (isCancel(chat)) return null;
  if (chat === 'none') return {};
  const channel = await askText('Id of the channel (empty: later, in .env)', (text) =>
    text === '' ? undefined : (channelFault(`${chat}-channel`, text) ?? undefined),
  );
  if (channel === null) return null;
  const key = chat === 'slack' ? 'SLACK_CHANNEL_ID' : 'DISCORD_CHANNEL_ID';
  return channel === '' ? {} : { [key]: channel };
}

async function askText(
  message: string,
  validate: (text: string) => string | undefined,
): Promise<string | null> {
  const { isCancel, text } = await import('@clack/prompts');
  const answer = await text({
    message,
    defaultValue: '',
    validate: (value) => validate((value ?? '').trim()),
  });
  return isCancel(answer) ? null : answer.trim();
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function isFault(fault: string | null): fault is string {
  return fault !== null;
}
