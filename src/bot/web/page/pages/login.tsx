/** Signing in with a token. The one-time link printed at start does without this page. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { place } from '../router.ts';

export function Login({ done }: { readonly done: () => void }): JSX.Element {
  const [token, setToken] = useState('');
  const [fault, setFault] = useState('');
  const wasUsed = place.value.query.get('link') === 'used';

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await post('/api/login', { token });
      done();
    } catch (cause) {
      setFault(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <main class="login">
      <h1>Nightshift</h1>
      {wasUsed && <p>This link was used already, or it is older than 15 minutes.</p>}
      <form class="card" onSubmit={(event) => void submit(event)}>
        <label>
          Token
          <input
            type="password"
            name="token"
            autocomplete="current-password"
            required
            value={token}
            aria-describedby="token-help"
            aria-invalid={fault !== ''}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <p class="fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="go">
          Sign in
        </button>
        <p class="sub" id="token-help">
          The API token is in the data folder of the host, or in NIGHTSHIFT_TOKEN. Starting Nightshift also
          prints a link that signs you in once.
        </p>
      </form>
    </main>
  );
}
