// Preloaded into every child of the local environment: when the parent is gone, however that came and at
// whatever moment of the child's start, the child drains and ends. Nothing is left behind a closed terminal.

/** Longer than any part takes to drain (`drainMs` in the host's `service.ts`); what hangs is ended then. */
const drainMs = 11_000;

function end(): void {
  // What has not begun to listen for it is ended by it at once.
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.kill(process.pid, "SIGKILL"), drainMs).unref();
}

// A parent that was killed while this process was being loaded is gone already, and says so no more.
if (process.connected) process.once("disconnect", end);
else if (process.send !== undefined) end(); // Only a child of Node's `spawn` with a channel has it.
// Listening must not itself keep the process alive.
process.channel?.unref();
