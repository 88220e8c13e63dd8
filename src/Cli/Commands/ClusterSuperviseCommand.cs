using System.CommandLine;
using System.Runtime.InteropServices;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;
using XLLM.Cli.Cluster.Supervision;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm cluster supervise</c>: what <c>cluster up</c> leaves running. SIGTERM brings the cluster down.</summary>
internal static class ClusterSuperviseCommand
{
    public static Command Create()
    {
        Option<string?> state = ClusterCommand.StateOption();
        Command command = new("supervise", "Keep a cluster running; started by 'up'.") { state };
        command.Hidden = true;
        command.SetAction((parse, _) => UserErrors.GuardAsync(async () =>
        {
            StateFolder folder = ClusterCommand.Folder(parse, state);
            using FileStream held = Lock(folder);
            using CancellationTokenSource stop = new();
            using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using PosixSignalRegistration hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
            using Supervisor supervisor = new(folder, TimeProvider.System, Console.Out);
            await supervisor.RunAsync(stop.Token);
            return 0;

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        }));
        return command;
    }

    private static FileStream Lock(StateFolder folder)
    {
        try
        {
            return new FileStream(
                folder.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            throw new ClusterException($"Another supervisor holds '{folder.LockFile}'.");
        }
    }
}
