/** The architecture as a test on itself: who may import whom (ARCHITECTURE.md, "Who may import whom"). */
/** Where programs and threads begin. */
const roots =
  '^src/(main\\.ts|bot/((slack|discord)/entry|chart-png-child)\\.ts|backup/thread-entry\\.ts|monitor/detect/fit-worker\\.ts|app/(patient|replay-worker)\\.ts|app/drill/sandbox-main\\.ts)$';
const rooms = 'monitor|healing|backup|optimizer|bot|fleet';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'platform-knows-no-room',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: `^src/(${rooms}|app)/` },
    },
    {
      name: 'rooms-are-strangers',
      severity: 'error',
      from: { path: `^src/(${rooms})/` },
      to: { path: `^src/(${rooms})/`, pathNot: '^src/$1/' },
    },
    {
      name: 'only-main-reaches-app',
      severity: 'error',
      from: { pathNot: '^src/(main\\.ts$|app/)' },
      to: { path: '^src/app/' },
    },
    {
      name: 'chat-sdks-stay-in-their-folder',
      severity: 'error',
      from: { pathNot: '^src/bot/(slack|discord|email)/' },
      to: { path: 'node_modules/(@slack|discord\\.js|@discordjs|nodemailer)' },
    },
    {
      name: 'child-process-has-two-doors',
      severity: 'error',
      from: { pathNot: '^src/(platform/run-command|platform/spawn-detached|healing/supervisor)\\.ts$' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'everything-is-reached',
      severity: 'error',
      from: { path: roots },
      to: { path: '^src/', pathNot: `^src/bot/web/page/|${roots}`, reachable: false },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '^src/bot/web/page/' },
      to: {},
    },
    { name: 'no-test-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/bot/web/page/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
