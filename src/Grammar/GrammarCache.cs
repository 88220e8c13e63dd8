using System.Diagnostics;
using XLLM.Contracts.Requests;
using XLLM.Grammar.Structures;

namespace XLLM.Grammar;

/// <summary>
/// Compiled grammars by their structure, within limits of number and bytes, the least recently used dropped first. A structure
/// that several ask for at once is compiled once, by the first; what is refused is remembered too. What is dropped goes on
/// serving the texts under way. Thread-safe.
/// </summary>
public sealed class GrammarCache(GrammarCacheOptions? options = null)
{
    // What automata and formulas take beside their source, and an entry by itself.
    private const int BytesPerSourceByte = 64;
    private const int Overhead = 16 << 10;

    private readonly GrammarCacheOptions _options = options ?? new GrammarCacheOptions();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _order = new();

    /// <summary>Grammars in it.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _order.Count;
            }
        }
    }

    /// <summary>Bytes of all, estimated.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _order.Sum(e => e.Bytes);
            }
        }
    }

    /// <summary>The grammar of a structure. May compile on this thread, or wait for another that does.</summary>
    /// <exception cref="GrammarRefusedException">It is refused.</exception>
    public CompiledGrammar Get(OutputStructure structure) => Find(structure).Value;

    /// <summary>As <see cref="Get"/>; what is not there yet is compiled on the thread pool.</summary>
    /// <exception cref="GrammarRefusedException">It is refused.</exception>
    public Task<CompiledGrammar> GetAsync(OutputStructure structure)
    {
        Lazy<CompiledGrammar> found = Find(structure);
        return found.IsValueCreated ? Task.FromResult(found.Value) : Task.Run(() => found.Value);
    }

    private Lazy<CompiledGrammar> Find(OutputStructure structure)
    {
        ArgumentNullException.ThrowIfNull(structure);
        (string key, long size) = StructureKey.Of(structure);
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out LinkedListNode<Entry>? known))
            {
                GrammarMetrics.Found(true);
                _order.Remove(known);
                _order.AddFirst(known);
                return known.Value.Grammar;
            }

            GrammarMetrics.Found(false);
            Entry entry = new(key, size, new Lazy<CompiledGrammar>(() => Compile(structure)));
            _entries.Add(key, _order.AddFirst(entry));
            Trim();
            return entry.Grammar;
        }
    }

    private CompiledGrammar Compile(OutputStructure structure)
    {
        long started = Stopwatch.GetTimestamp();
        bool refused = true;
        try
        {
            CompiledGrammar grammar = GrammarCompiler.Structure(structure, _options.Grammar);
            refused = false;
            return grammar;
        }
        finally
        {
            GrammarMetrics.Compiled(Stopwatch.GetElapsedTime(started).TotalSeconds, refused);
        }
    }

    private void Trim()
    {
        long bytes = _order.Sum(e => e.Bytes);
        while (_order.Last is { } last && last != _order.First && (_order.Count > _options.MaxCount || bytes > _options.MaxBytes))
        {
            bytes -= last.Value.Bytes;
            _order.RemoveLast();
            _entries.Remove(last.Value.Key);
        }

        GrammarMetrics.Holds(_order.Count, bytes);
    }

    private sealed class Entry(string key, long size, Lazy<CompiledGrammar> grammar)
    {
        public string Key { get; } = key;

        public Lazy<CompiledGrammar> Grammar { get; } = grammar;

        public long Bytes => Overhead + (size * BytesPerSourceByte) + (Grammar.IsValueCreated ? Grammar.Value.RowBytes : 0);
    }
}
