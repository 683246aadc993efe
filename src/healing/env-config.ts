/** Environments of workers and tasks: names that are well formed, and no secrets in a file. */
import { z } from 'zod';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SECRET = /TOKEN|SECRET|PASSW|PASSPHRASE|API_?KEY|PRIVATE_?KEY|CREDENTIAL/i;

export const Env: z.ZodType<Record<string, string>, Record<string, string>> = z
  .record(z.string(), z.string().max(32_768))
  .superRefine((env, context) => {
    for (const name of Object.keys(env)) {
      const message = nameFault(name);
      if (message !== null) context.addIssue({ code: 'custom', message, path: [name] });
    }
  });

export const EnvFrom: z.ZodType<string[], string[]> = z.array(z.string().regex(NAME)).max(100);

/** Said of envFrom, because a fault shows what it found, and that would be the secret. */
export function refuseSecrets(
  { env }: { readonly env: Readonly<Record<string, string>> },
  context: z.core.$RefinementCtx,
): void {
  for (const name of Object.keys(env).filter((key) => SECRET.test(key))) {
    const message = `expected "${name}" here and not in env: its name is that of a secret`;
    context.addIssue({ code: 'custom', message, path: ['envFrom'] });
  }
}

function nameFault(name: string): string | null {
  if (!NAME.test(name)) return 'expected letters, digits and _, not beginning with a digit';
  if (name.startsWith('NIGHTSHIFT_')) return 'expected a name of your own: NIGHTSHIFT_ is set by the bot';
  return null;
}
