using XLLM.Contracts.Requests;

namespace XLLM.Engine.Tests.Loop;

/// <summary>All that an engine said of one request.</summary>
/// <param name="first">Index of its first token: output of earlier runs comes before.</param>
internal sealed class Generation(int first = 0)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TokenChunk> _chunks = [];

    public Task Ended => _ended.Task;

    public List<GeneratedToken> Tokens { get; } = [];

    public int[] Ids => [.. Tokens.Select(token => token.Id)];

    public TokenChunk Last => _chunks[^1];

    public IReadOnlyList<TokenChunk> Chunks => _chunks;

    public RequestOutcome Outcome => Last.Outcome;

    public RequestUsage Usage => Last.Usage!;

    /// <summary>Throws when the chunk breaks the stream's rules.</summary>
    public void Take(TokenChunk chunk)
    {
        Assert.False(_ended.Task.IsCompleted, "a chunk came after the outcome");
        Assert.Equal(first + Tokens.Count, chunk.FirstIndex);
        Assert.Equal(chunk.Outcome != RequestOutcome.None, chunk.Usage is not null);
        _chunks.Add(chunk);
        Tokens.AddRange(chunk.Tokens);
        if (chunk.Outcome != RequestOutcome.None)
        {
            _ended.SetResult();
        }
    }

    public void Fail(Exception error) => _ended.TrySetException(error);
}
