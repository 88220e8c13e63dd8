using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// An activation's waiting and running work, and the admission rules between them. What may run overtakes what may not. All
/// members lock.
/// </summary>
internal sealed class RequestQueue(GrainClass grainClass, Func<object?> instance, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<WorkItem> _waiting = [];
    private readonly HashSet<WorkItem> _running = [];
    private readonly Dictionary<Guid, int> _sections = [];
    private WorkItem? _blocking;
    private bool _isOpen;

    public int WaitingCount
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0 && _running.Count == 0;
            }
        }
    }

    /// <summary>Adds an item; true when it is to be run at once, which counts it as running.</summary>
    public bool Add(WorkItem item)
    {
        lock (_gate)
        {
            if (_isOpen && MayRun(item))
            {
                Record(item);
                return true;
            }

            _waiting.Add(item);
            return false;
        }
    }

    /// <summary>Lets items run from now on; gives those that may run, counted as running.</summary>
    public List<WorkItem> Open()
    {
        lock (_gate)
        {
            _isOpen = true;
            return Admit(all: true);
        }
    }

    /// <summary>Lets nothing start any more; true when nothing runs.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            _isOpen = false;
            return _running.Count == 0;
        }
    }

    /// <summary>An item has ended. Gives those that may run now, and whether nothing runs any more.</summary>
    public (List<WorkItem> Next, bool IsQuiet) Complete(WorkItem item)
    {
        lock (_gate)
        {
            _running.Remove(item);
            if (ReferenceEquals(_blocking, item))
            {
                _blocking = null;
            }

            return (_isOpen ? Admit(all: false) : [], _running.Count == 0);
        }
    }

    /// <summary>Takes what waits, for sending on.</summary>
    public List<WorkItem> TakeWaiting()
    {
        lock (_gate)
        {
            var waiting = _waiting.ToList();
            _waiting.Clear();
            return waiting;
        }
    }

    /// <summary>Finds a request by its cancellation: removed when it waits.</summary>
    public (RequestItem? Item, bool WasWaiting) Cancel(Message cancel)
    {
        lock (_gate)
        {
            var index = _waiting.FindIndex(w => w is RequestItem r && r.IsFor(cancel));
            if (index >= 0)
            {
                var item = (RequestItem)_waiting[index];
                _waiting.RemoveAt(index);
                return (item, true);
            }

            return (_running.OfType<RequestItem>().FirstOrDefault(r => r.IsFor(cancel)), false);
        }
    }

    public void EnterSection(Guid id)
    {
        lock (_gate)
        {
            _sections[id] = _sections.GetValueOrDefault(id) + 1;
        }
    }

    public void ExitSection(Guid id)
    {
        lock (_gate)
        {
            var count = _sections.GetValueOrDefault(id) - 1;
            if (count > 0)
            {
                _sections[id] = count;
            }
            else
            {
                _sections.Remove(id);
            }
        }
    }

    private List<WorkItem> Admit(bool all)
    {
        var admitted = new List<WorkItem>();
        for (var i = 0; i < _waiting.Count;)
        {
            if (MayRun(_waiting[i]))
            {
                Record(_waiting[i]);
                admitted.Add(_waiting[i]);
                _waiting.RemoveAt(i);
            }
            else if (all || CanBeOvertaken())
            {
                i++;
            }
            else
            {
                break;
            }
        }

        return admitted;
    }

    // Behind an ordinary request only interleaving items can run, and those never wait while the queue is open.
    private bool CanBeOvertaken() => _blocking!.IsReadOnly || _sections.Count > 0 || grainClass.MayInterleave is not null;

    private void Record(WorkItem item)
    {
        _running.Add(item);
        if (_blocking is null && !item.IsAlwaysInterleave)
        {
            _blocking = item;
        }
    }

    private bool MayRun(WorkItem item)
    {
        if (_running.Count == 0 || item.IsAlwaysInterleave || grainClass.IsReentrant || _blocking is null)
        {
            return true;
        }

        if (_blocking.IsReadOnly && item.IsReadOnly)
        {
            return true;
        }

        if (_sections.Count > 0 && item.ReentrancyId is var id && id != Guid.Empty && _sections.ContainsKey(id))
        {
            return true;
        }

        if (grainClass.MayInterleave is not { } mayInterleave || instance() is not { } grain)
        {
            return false;
        }

        try
        {
            return mayInterleave(grain, item.Invokable) || mayInterleave(grain, _blocking.Invokable);
        }
        catch (Exception e)
        {
            logger.LogError(e, "The [MayInterleave] method of {Class} threw; the request waits", grainClass.Type);
            return false;
        }
    }
}
