using System.Diagnostics;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Tests.Cluster;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Batches;

/// <summary>A real <c>xllm serve</c> of the demo model; gone when disposed.</summary>
internal sealed class ServeProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServeProcess(Process process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    public static async Task<ServeProcess> StartAsync(string data)
    {
        Process process = Start(
            "serve", "--model", SharedData.DemoModel, "--name", "xllm-demo", "--port", "0", "--threads", "1",
            "--kv-bytes", "33554432", "--data", data);
        _ = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync().Within("the server says that it is ready") is { } line)
        {
            if (line.StartsWith("Ready ", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServeProcess(process, line.Split(' ')[1]);
            }
        }

        throw new InvalidOperationException("The server ended before it was ready.");
    }

    /// <summary>Runs another command of the program on this server.</summary>
    public async Task<CommandResult> RunAsync(params string[] command)
    {
        using Process process = Start([.. command, "--url", Url]);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().Within($"'{string.Join(' ', command)}' ends");
        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().Within("the killed server is gone");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static Process Start(params string[] arguments)
    {
        IReadOnlyList<string> self = Launcher.Self();
        return Process.Start(new ProcessStartInfo(self[0], [.. self.Skip(1), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }
}
