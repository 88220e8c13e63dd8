using XLLM.Scheduling.Speculation;

namespace XLLM.Engine.Speculation;

/// <summary>
/// The tree of past responses. A response waits in a queue and enters the tree a little every step, so that the end of a long
/// one holds up nobody; what does not fit the queue is left out. Engine's thread.
/// </summary>
internal sealed class PastResponses(int window, int depth, uint seed)
{
    private const int TokensAStep = 64;
    private const int EndOfText = -1;

    private readonly int[] _queue = new int[Math.Min(window, 1 << 16)];
    private int _head;
    private int _count;

    public SuffixTree Tree { get; } = new(window, depth, seed);

    public long Bytes => Tree.Bytes + (4L * _queue.Length);

    public void Add(ReadOnlySpan<int> response)
    {
        if (response.Length < 2 || response.Length + 1 > _queue.Length - _count)
        {
            return;
        }

        foreach (int token in response)
        {
            Put(token);
        }

        Put(EndOfText);
    }

    public void Tend()
    {
        for (int i = 0; i < TokensAStep && _count > 0; i++)
        {
            int token = _queue[_head];
            _head = (_head + 1) % _queue.Length;
            _count--;
            if (token == EndOfText)
            {
                Tree.EndText();
            }
            else
            {
                Tree.Append(token);
            }
        }
    }

    private void Put(int token) => _queue[(_head + _count++) % _queue.Length] = token;
}
