/** The text of `nightshift.service` for one folder. Exit 2 is a fault that a restart does not mend. Pure. */

export interface UnitParts {
  readonly folder: string;
  readonly node: string;
  readonly main: string;
  readonly user: string;
}

export function systemdUnit({ folder, node, main, user }: UnitParts): string {
  return `[Unit]
Description=Nightshift, keeps this host running
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
# Where systemd is older than 253 it skips OpenFile, and the beats come from systemd-notify, a child of the bot.
NotifyAccess=all
OpenFile=/run/systemd/notify:notify:graceful
User=${user}
WorkingDirectory=${specifiers(folder)}
ExecStart=${argument(node)} ${argument(main)} start
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2
TimeoutStartSec=120
TimeoutStopSec=20
# The main loop beats every 30 s; 60 s of silence and it is killed. All state is on disk at every moment.
WatchdogSec=60
WatchdogSignal=SIGKILL
UMask=0077
MemoryMax=512M
# Supervised workers are children of the bot: they live on over its restart.
KillMode=process
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${argument(`${folder}/data`)}
ProtectHome=read-only
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`;
}

/** One word of a command line: quoted, and neither a specifier nor a variable. */
function argument(text: string): string {
  const plain = specifiers(text).replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(plain) ? plain : `"${plain.replaceAll(/["\\]/g, '\\$&')}"`;
}

function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}
