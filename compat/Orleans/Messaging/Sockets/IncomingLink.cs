using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// A connection that another silo has made, and the frames that come by it. A frame's memory grows with the bytes that have come,
/// not with the length that its sender names; reading stops while a frame is taken, and the sender's socket with it.
/// </summary>
internal sealed class IncomingLink(SocketTransport transport, Socket socket, ILogger logger)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SiloAddress? Peer { get; private set; }

    /// <summary>Completes when the other side has ended the connection, or it was closed.</summary>
    public Task Ended => _ended.Task;

    public void Close() => socket.Dispose();

    public async Task RunAsync()
    {
        var from = $"{socket.RemoteEndPoint}";
        try
        {
            socket.NoDelay = true;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            if (await IsWelcomeAsync(stream).ConfigureAwait(false))
            {
                transport.Add(this);
                await ReadAsync(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024))).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException e)
        {
            logger.LogError("The connection from {From} ({Peer}) is closed: {Reason}", from, Peer, e.Message);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            logger.LogDebug("The connection from {From} ({Peer}) has ended: {Reason}", from, Peer, e.Message);
        }
        finally
        {
            transport.Remove(this);
            _ended.TrySetResult();
        }
    }

    private async Task<bool> IsWelcomeAsync(NetworkStream stream)
    {
        using var limit = new CancellationTokenSource(transport.Connections.OpenConnectionTimeout);
        var greeting = await Greeting.ReadAsync(stream, limit.Token).ConfigureAwait(false);
        Peer = greeting.From;
        var (answer, text) = transport.Judge(greeting);
        await Greeting.AnswerAsync(stream, answer, text, limit.Token).ConfigureAwait(false);
        if (answer == GreetingAnswer.WrongCluster)
        {
            logger.LogError("Silo {Peer} is refused: {Reason}", Peer, text);
        }
        else if (answer != GreetingAnswer.Welcome)
        {
            logger.LogWarning("Silo {Peer} is refused: {Reason}", Peer, text);
        }

        return answer == GreetingAnswer.Welcome;
    }

    private async Task ReadAsync(PipeReader reader)
    {
        while (true)
        {
            var result = await reader.ReadAsync().ConfigureAwait(false);
            var buffer = result.Buffer;
            while (TryTake(ref buffer, out var kind, out var frame))
            {
                switch (kind)
                {
                    case FrameKind.Message:
                        transport.Receiver.OnFrame(frame);
                        break;
                    case FrameKind.Goodbye:
                        transport.OnPeerLeaves(Peer!);
                        break;
                    case FrameKind.LastRequestSent:
                        transport.OnLastRequest(Peer!);
                        break;
                    default:
                        throw new InvalidDataException($"there is no frame kind {(byte)kind}");
                }
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private bool TryTake(ref ReadOnlySequence<byte> buffer, out FrameKind kind, out byte[] frame)
    {
        kind = default;
        frame = [];
        if (buffer.Length < OutgoingLink.HeaderBytes)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[OutgoingLink.HeaderBytes];
        buffer.Slice(0, OutgoingLink.HeaderBytes).CopyTo(header);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length < 0 || length > transport.MaxFrameBytes)
        {
            throw new InvalidDataException($"a frame of {(uint)length} bytes is larger than {transport.MaxFrameBytes}");
        }

        if (buffer.Length - OutgoingLink.HeaderBytes < length)
        {
            return false;
        }

        kind = (FrameKind)header[4];
        frame = buffer.Slice(OutgoingLink.HeaderBytes, length).ToArray();
        buffer = buffer.Slice(OutgoingLink.HeaderBytes + length);
        return true;
    }
}
