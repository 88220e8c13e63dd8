using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Orleans.Runtime;

/// <summary>The transport between nodes of one process: a queue of frames and a reading task per node.</summary>
internal sealed class InProcessNetwork : IMessageTransport
{
    private readonly ConcurrentDictionary<SiloAddress, Link> _links = new();

    public void Attach(SiloAddress node, IFrameReceiver receiver)
    {
        if (!node.IsClient && _links.Keys.Any(other => !other.IsClient && other.Endpoint.Equals(node.Endpoint)))
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse,
                $"Another silo of this process has endpoint {node.Endpoint}.");
        }

        var link = new Link(receiver);
        _links[node] = link;
        link.Start();
    }

    public bool LossIsDeath => true;

    public SendOutcome Send(SiloAddress target, ReadOnlyMemory<byte> frame, FrameClass frameClass) =>
        _links.TryGetValue(target, out var link) && link.TrySend(frame) ? SendOutcome.Taken : SendOutcome.Gone;

    public Task FlushAsync(SiloAddress node) => Task.CompletedTask;

    // Detach has told the others.
    public void Forget(SiloAddress dead)
    {
    }

    public Task DrainAsync(SiloAddress node) => _links.TryGetValue(node, out var link) ? link.DrainAsync() : Task.CompletedTask;

    public void Detach(SiloAddress node)
    {
        if (!_links.TryRemove(node, out var link))
        {
            return;
        }

        link.Close();
        foreach (var other in _links.Values)
        {
            other.TellLost(node);
        }
    }

    private sealed class Link(IFrameReceiver receiver)
    {
        private readonly Channel<Item> _items =
            Channel.CreateUnbounded<Item>(new UnboundedChannelOptions { SingleReader = true });

        private volatile bool _closed;
        private Task _pump = Task.CompletedTask;

        public void Start() => _pump = PumpAsync();

        public Task DrainAsync()
        {
            _items.Writer.TryComplete();
            return _pump;
        }

        public bool TrySend(ReadOnlyMemory<byte> frame) => _items.Writer.TryWrite(new Item(frame, null));

        public void TellLost(SiloAddress peer) => _items.Writer.TryWrite(new Item(default, peer));

        public void Close()
        {
            _closed = true;
            _items.Writer.TryComplete();
        }

        private async Task PumpAsync()
        {
            await foreach (var item in _items.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                if (_closed)
                {
                    return;
                }

                if (item.Lost is not null)
                {
                    receiver.OnPeerLost(item.Lost);
                }
                else
                {
                    receiver.OnFrame(item.Frame);
                }
            }
        }

        private readonly record struct Item(ReadOnlyMemory<byte> Frame, SiloAddress? Lost);
    }
}
