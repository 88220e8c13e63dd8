using System.Threading.Channels;

namespace XLLM.Engine.Transfer;

/// <summary>
/// A prompt that an engine computes for another. Its blocks are held until it is disposed, which also ends the computation
/// when it is under way.
/// </summary>
public interface IKvPrefill : IAsyncDisposable
{
    /// <summary>
    /// What is computed, in order: for each block its layers from the first to the last, each once. Blocks found in the prefix
    /// cache come first. Completes when all full blocks of the prompt are done; with an error when they will not be. Unbounded,
    /// but never more than blocks times layers.
    /// </summary>
    ChannelReader<KvProgress> Progress { get; }
}
