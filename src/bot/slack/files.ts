/**
 * Pictures in Slack: uploaded for the app alone, then shown by a block of the card. Slack looks at a file for some
 * seconds before a block may show it, and says only `invalid_blocks` until then.
 */
import { OpsError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import type { CardPicture, PlacedPicture } from '../surface.ts';
import type { SurfaceTiming } from '../surface-timing.ts';

const TRIES = 6;
const NAME = 'chart.png';
const MOST_ALT = 1_000;

/** One call of the Web API. */
export type FileCall = (
  method: string,
  args: Record<string, unknown>,
) => Promise<Readonly<Record<string, unknown>>>;

export interface UploadDeps {
  readonly call: FileCall;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly timing: SurfaceTiming;
}

/** The file's id. Nobody sees it before a message shows it. */
export async function upload({ key, alt, png }: CardPicture, deps: UploadDeps): Promise<PlacedPicture> {
  const said = alt.slice(0, MOST_ALT);
  const open = await deps.call('files.getUploadURLExternal', {
    filename: NAME,
    length: png.length,
    alt_txt: said,
  });
  const [url, file] = [String(open['upload_url']), String(open['file_id'])];
  await send(url, png, deps);
  await deps.call('files.completeUploadExternal', { files: JSON.stringify([{ id: file, title: NAME }]) });
  return { key, file, alt: said };
}

/** Tries until Slack shows the file. @param isNotReady Slack does not know the file yet. */
export async function whenReady(
  show: () => Promise<void>,
  isNotReady: (error: unknown) => boolean,
  { clock, timing }: Pick<UploadDeps, 'clock' | 'timing'>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await show();
      return;
    } catch (error) {
      if (!isNotReady(error) || tries === TRIES) throw error;
    }
    await clock.sleep(timing.fileReadyEvery);
  }
}

async function send(url: string, png: Uint8Array, { apiUrl, clock, timing }: UploadDeps): Promise<void> {
  if (!isSafe(url, apiUrl))
    throw new OpsError('SURFACE_DOWN', 'Slack named an upload address that is not its own.');
  const body = Buffer.from(png);
  const headers = { 'content-type': 'image/png' };
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers,
    redirect: 'error',
    signal: clock.deadline(timing.callWithin),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new OpsError('SURFACE_DOWN', `Slack answered the upload with HTTP ${answer.status}.`);
}

/** Over TLS, or to the very server that stands in for Slack. */
function isSafe(url: string, apiUrl: string): boolean {
  return (
    URL.canParse(url) &&
    (new URL(url).protocol === 'https:' || new URL(url).origin === new URL(apiUrl).origin)
  );
}
