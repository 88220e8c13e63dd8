using System.Collections.Concurrent;
using System.Diagnostics;
using XLLM.Testing;
using XLLM.Testing.SiloHost;

namespace XLLM.Runtime.Tests.Processes;

/// <summary>A silo in a process of its own, which can be killed and paused.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Process _process;
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SiloProcess(Process process)
    {
        _process = process;
    }

    /// <summary><c>ip:port@generation</c>.</summary>
    public string Address => _ready.Task.Result;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public string Log => string.Join('\n', _log);

    /// <summary>Starts the silo; completes when it is active.</summary>
    public static async Task<SiloProcess> StartAsync(SiloSettings settings)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "XLLM.Testing.SiloHost.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. settings.ToArguments()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        var silo = new SiloProcess(Process.Start(start)!);
        Lines.Read(silo._process.StandardOutput, silo.OnLine);
        Lines.Read(silo._process.StandardError, line => silo.OnLog(settings.Name, line));
        await silo._ready.Task.Within($"silo {settings.Name} is active");
        return silo;
    }

    public Task KillAsync() => SignalAsync("KILL");

    public Task PauseAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>SIGTERM; completes when the process has ended.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await EndAsync();
    }

    public Task EndAsync() => _process.WaitForExitAsync().Within($"process {Id} ends");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    private void OnLog(string name, string? line)
    {
        _log.Enqueue(line ?? "");
        FileLog.Write($"{name} {line}");
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException($"The silo's process ended before it was active:\n{Log}"));
        }
        else if (line.StartsWith("ready ", StringComparison.Ordinal))
        {
            _ready.TrySetResult(line["ready ".Length..]);
        }
        else
        {
            _log.Enqueue(line);
        }
    }
}
