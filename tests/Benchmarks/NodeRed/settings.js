// The peer without its editor, so that only the flow costs anything.
module.exports = {
    uiHost: "127.0.0.1",
    uiPort: Number(process.env.PEER_HTTP_PORT),
    flowFile: "flows.json",
    httpAdminRoot: false,
    disableEditor: true,
    telemetry: { enabled: false },
    logging: { console: { level: "warn", metrics: false, audit: false } },
};
