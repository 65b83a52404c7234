// Preloaded into every child of the local environment: when the parent is gone, however that came, the
// child drains and ends. Nothing is left running behind a closed terminal.

process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Listening must not itself keep the process alive.
process.channel?.unref();
