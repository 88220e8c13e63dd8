namespace XLLM.Engine.Transfer.Tcp;

/// <summary>Waits for what a peer has of a chain that was asked for.</summary>
internal sealed class KvOffer : IKvEnd
{
    private readonly TaskCompletionSource<int> _blocks = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Leading blocks the peer has.</summary>
    public Task<int> Blocks => _blocks.Task;

    public void Take(KvConnection connection, in KvFrame frame, ReadOnlySpan<byte> payload)
    {
        if (frame.Kind == KvFrameKind.Offer)
        {
            _blocks.TrySetResult(frame.Block);
        }
        else if (frame.Kind == KvFrameKind.Failed)
        {
            KvFault fault = KvReceiving.FaultOf(frame);
            _blocks.TrySetException(new KvTransferException(fault, $"{connection.Peer} does not give the blocks: {fault}."));
        }
    }

    public bool TryBeginWrite(KvConnection connection, in KvFrame frame, out Memory<byte> memory) =>
        throw new KvTransferException(KvFault.Garbage, "A data frame came before there was room for it.");

    public void EndWrite(KvConnection connection, in KvFrame frame, bool isSound)
    {
    }

    public void Lost(KvConnection connection) =>
        _blocks.TrySetException(new KvTransferException(KvFault.Broken, $"The connection with {connection.Peer} broke."));
}
