using System.Threading.Channels;

namespace XLLM.Runtime.Tests.Grains;

public sealed class Listener(Func<int, int>? answer = null) : IListener
{
    private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();
    private int _inside;

    public ChannelReader<string> Heard => _heard.Reader;

    public int MostInside { get; private set; }

    public async Task OnHeardAsync(string what)
    {
        MostInside = Math.Max(MostInside, Interlocked.Increment(ref _inside));
        await Task.Yield();
        Interlocked.Decrement(ref _inside);
        _heard.Writer.TryWrite(what);
    }

    public Task<int> AskAsync(int number) => Task.FromResult(answer?.Invoke(number) ?? number);
}
