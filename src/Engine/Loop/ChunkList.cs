using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>Chunks of the step under way; written out as one element. Engine's thread.</summary>
internal sealed class ChunkList(OutputQueue outputs)
{
    private readonly List<TokenChunk> _chunks = [];

    public bool IsEmpty => _chunks.Count == 0;

    /// <summary>A token of the request; those of one step are one chunk.</summary>
    public void AddToken(EngineRequest request, GeneratedToken token)
    {
        if (_chunks.Count > 0 && _chunks[^1] is { Outcome: RequestOutcome.None } last && last.Request == request.Request.Id)
        {
            _chunks[^1] = last with { Tokens = last.Tokens.Add(token) };
            request.Emitted++;
            return;
        }

        _chunks.Add(new TokenChunk
        {
            Request = request.Request.Id,
            FirstIndex = request.Emitted,
            Tokens = ImmutableArray.Create(token),
            Prompt = TakePrompt(request),
        });
        request.Emitted++;
    }

    /// <summary>The last chunk of a request, with its last token where there is one.</summary>
    public void AddEnd(
        EngineRequest request, RequestOutcome outcome, GeneratedToken? token = null, int? stopToken = null, string? error = null)
    {
        _chunks.Add(new TokenChunk
        {
            Request = request.Request.Id,
            FirstIndex = request.Emitted,
            Tokens = token is { } last ? [last] : [],
            Prompt = TakePrompt(request),
            Outcome = outcome,
            Usage = request.Usage(),
            StopToken = stopToken,
            Error = error,
        });
    }

    /// <summary>Writes what there is as the output of this step; nothing when there is nothing.</summary>
    public void Flush(long step)
    {
        if (_chunks.Count > 0)
        {
            outputs.Write(new EngineOutput(step, ImmutableCollectionsMarshal.AsImmutableArray(_chunks.ToArray())));
            _chunks.Clear();
        }
    }

    private static ImmutableArray<GeneratedToken> TakePrompt(EngineRequest request)
    {
        if (request.ScoredTokens is not { } scored || request.ScoredPrompt < request.PromptLength - 1)
        {
            return [];
        }

        request.ScoredTokens = null;
        return ImmutableCollectionsMarshal.AsImmutableArray(scored);
    }
}
