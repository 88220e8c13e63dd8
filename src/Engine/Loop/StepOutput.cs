using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>
/// What one step gave, in lists that are used again: the engine's thread fills it without taking memory, the reader makes
/// messages of it and gives it back to the queue it came from.
/// </summary>
internal sealed class StepOutput(OutputQueue queue) : EngineOutput
{
    private readonly List<Entry> _entries = [];
    private readonly List<GeneratedToken> _tokens = [];

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>A token of a request that goes on; tokens of one request after each other make one chunk.</summary>
    public void Add(RequestId request, int run, int index, GeneratedToken token)
    {
        Span<Entry> entries = CollectionsMarshal.AsSpan(_entries);
        if (entries.Length > 0 && entries[^1].Continues(request, index))
        {
            entries[^1].Count++;
        }
        else
        {
            _entries.Add(new Entry { Request = request, Run = run, FirstIndex = index, First = _tokens.Count, Count = 1 });
        }

        _tokens.Add(token);
    }

    /// <summary>A chunk with more to say than tokens.</summary>
    public void Add(TokenChunk chunk) => _entries.Add(new Entry { Whole = chunk });

    public void Number(long step) => Step = step;

    public override void Return()
    {
        _entries.Clear();
        _tokens.Clear();
        Forget();
        queue.TakeBack(this);
    }

    protected override ImmutableArray<TokenChunk> MakeChunks()
    {
        TokenChunk[] chunks = new TokenChunk[_entries.Count];
        for (int i = 0; i < chunks.Length; i++)
        {
            Entry entry = _entries[i];
            chunks[i] = entry.Whole ?? new TokenChunk
            {
                Request = entry.Request,
                Run = entry.Run,
                FirstIndex = entry.FirstIndex,
                Tokens = [.. CollectionsMarshal.AsSpan(_tokens).Slice(entry.First, entry.Count)],
            };
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(chunks);
    }

    private struct Entry
    {
        public RequestId Request;
        public int Run;
        public int FirstIndex;
        public int First;
        public int Count;
        public TokenChunk? Whole;

        public readonly bool Continues(RequestId request, int index) =>
            Whole is null && FirstIndex + Count == index && Request == request;
    }
}
