using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.Responses;

/// <summary>Keeps responses in memory, up to a count and a size; the oldest are forgotten first. They do not survive the process.</summary>
internal sealed class MemoryResponseStore(GatewayOptions options) : IResponseStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<StoredResponse>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<StoredResponse> _byAge = new();
    private long _size;

    public void Put(StoredResponse response)
    {
        lock (_lock)
        {
            Forget(response.Id);
            _byId[response.Id] = _byAge.AddLast(response);
            _size += response.Size;
            while (_byAge.Count > options.MaxStoredResponses || _size > options.MaxStoredCharacters)
            {
                Forget(_byAge.First!.Value.Id);
            }
        }
    }

    public StoredResponse? Find(string id)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(id, out LinkedListNode<StoredResponse>? node) ? node.Value : null;
        }
    }

    public bool Remove(string id)
    {
        lock (_lock)
        {
            return Forget(id);
        }
    }

    public void RequestCancel(string id)
    {
    }

    public IReadOnlyList<string> ListCancelled() => [];

    public void Sweep()
    {
    }

    private bool Forget(string id)
    {
        if (!_byId.Remove(id, out LinkedListNode<StoredResponse>? node))
        {
            return false;
        }

        _byAge.Remove(node);
        _size -= node.Value.Size;
        return true;
    }
}
