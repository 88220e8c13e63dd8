using System.Diagnostics;
using System.Globalization;
using XLLM.Engine.Transfer;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>The other process.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    private Peer(Process process)
    {
        _process = process;
    }

    public int Id => _process.Id;

    public static async Task<Peer> StartAsync()
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", typeof(Peer).Assembly.Location },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Peer peer = new(Process.Start(start)!);
        Assert.Equal("ready", await peer.ReadAsync());
        return peer;
    }

    public PeerPool Open(KvLayout layout)
    {
        PeerPool? pool = PeerPool.TryOpen(Id, PeerProcess.Instance, PeerProcess.Epoch, layout);
        Assert.NotNull(pool);
        return pool;
    }

    /// <summary>Gives an order and returns its answer.</summary>
    public async Task<string> DoAsync(string order)
    {
        await _process.StandardInput.WriteLineAsync(order);
        await _process.StandardInput.FlushAsync();
        return (await ReadAsync())!;
    }

    /// <summary>Starts a request and returns its first tokens; all when it gives no more.</summary>
    public async Task<int[]> RunAsync(int seed, int prompt, int tokens, int first)
    {
        await _process.StandardInput.WriteLineAsync($"run {seed} {prompt} {tokens}");
        await _process.StandardInput.FlushAsync();
        List<int> got = [];
        while (got.Count < first && await ReadAsync() is { } line && line != "end")
        {
            got.Add(int.Parse(line, CultureInfo.InvariantCulture));
        }

        return [.. got];
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private async Task<string?> ReadAsync() => await _process.StandardOutput.ReadLineAsync().Within();
}
