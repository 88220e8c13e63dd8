using System.Collections.Immutable;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Ports;

/// <summary>
/// The chunks one engine step made, on loan: the reader gives it back when it has taken what it needs, so that the engine's
/// thread can use its memory again. One that is never given back is left to the garbage collector.
/// </summary>
public class EngineOutput
{
    private ImmutableArray<TokenChunk> _chunks;

    public EngineOutput(long step, ImmutableArray<TokenChunk> chunks)
    {
        Step = step;
        _chunks = chunks;
    }

    /// <summary>An output whose chunks are made when they are asked for, by <see cref="MakeChunks"/>.</summary>
    protected EngineOutput()
    {
    }

    /// <summary>Number of the engine step, growing.</summary>
    public long Step { get; protected set; }

    /// <summary>The chunks as messages, which outlive the loan. Made on the reader's thread at the first call.</summary>
    public ImmutableArray<TokenChunk> Chunks
    {
        get
        {
            if (_chunks.IsDefault)
            {
                _chunks = MakeChunks();
            }

            return _chunks;
        }
    }

    /// <summary>Ends the loan: the reader does not touch the output again. Once per read, by the reader.</summary>
    public virtual void Return()
    {
    }

    /// <summary>Makes the messages.</summary>
    protected virtual ImmutableArray<TokenChunk> MakeChunks() => [];

    /// <summary>Forgets the messages, before the output is used for another step.</summary>
    protected void Forget() => _chunks = default;
}
