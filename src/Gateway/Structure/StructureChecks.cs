using System.Security.Cryptography;
using System.Text;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Grammar;

namespace XLLM.Gateway.Structure;

/// <summary>
/// Compiles the schemas, patterns and grammars of requests before these are submitted, so that what cannot be kept is refused at the
/// door with the place at fault. A source is compiled once, however many requests bring it at a time; few are compiled at a time,
/// beside the threads that answer; verdicts of the last <see cref="MaxKnown"/> sources are remembered. Any thread.
/// </summary>
internal sealed class StructureChecks(GatewayOptions options, TimeProvider time)
{
    public const int MaxKnown = 4096;

    private const int MaxPending = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<StructureRefusal?>> _known = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private readonly SemaphoreSlim _compilers = new(Math.Max(1, Environment.ProcessorCount / 2));
    private int _pending;
    private long _compiled;

    /// <summary>Sources whose verdict is known or being worked out.</summary>
    public int Known
    {
        get
        {
            lock (_gate)
            {
                return _known.Count;
            }
        }
    }

    /// <summary>Sources compiled since the start.</summary>
    public long Compiled => Interlocked.Read(ref _compiled);

    /// <summary>Returns when every part of the structure is known to be sound.</summary>
    /// <exception cref="ApiException">A part is refused, takes too long, or too many new ones wait already (429).</exception>
    public async ValueTask CheckAsync(AnswerStructure? structure)
    {
        if (structure is null)
        {
            return;
        }

        foreach (StructureLeaf leaf in structure.Leaves)
        {
            Task<StructureRefusal?> verdict = VerdictOf(leaf.Node);
            StructureRefusal? refusal;
            try
            {
                refusal = await verdict.WaitAsync(options.StructureTimeout, time);
            }
            catch (TimeoutException)
            {
                throw Refused(leaf.Path, "#", $"it takes longer than {options.StructureTimeout.TotalSeconds} s to compile; make it smaller");
            }

            if (refusal is not null)
            {
                throw Refused(leaf.Path, refusal.Pointer, refusal.Reason);
            }
        }
    }

    private Task<StructureRefusal?> VerdictOf(OutputStructure node)
    {
        string key = KeyOf(node);
        lock (_gate)
        {
            if (_known.TryGetValue(key, out Task<StructureRefusal?>? known))
            {
                return known;
            }

            if (_pending >= MaxPending)
            {
                throw new ApiException(OutcomeErrors.ToError(
                    RequestOutcome.RejectedCapacity, $"{MaxPending} schemas and grammars wait to be compiled. Try again later."));
            }

            _pending++;
            if (_order.Count >= MaxKnown)
            {
                _known.Remove(_order.Dequeue());
            }

            Task<StructureRefusal?> verdict = CompileAsync(key, node);
            _known[key] = verdict;
            _order.Enqueue(key);
            return verdict;
        }
    }

    private async Task<StructureRefusal?> CompileAsync(string key, OutputStructure node)
    {
        await Task.Yield();
        await _compilers.WaitAsync();
        try
        {
            Interlocked.Increment(ref _compiled);
            return await Task.Run(() => Compile(node));
        }
        catch
        {
            // A fault of ours is not remembered as the request's.
            lock (_gate)
            {
                _known.Remove(key);
            }

            throw;
        }
        finally
        {
            _compilers.Release();
            lock (_gate)
            {
                _pending--;
            }
        }
    }

    private static StructureRefusal? Compile(OutputStructure node)
    {
        try
        {
            _ = node.Kind switch
            {
                StructureKind.JsonSchema => GrammarCompiler.JsonSchema(node.Text, GrammarOptions.Default with { AnyOrder = node.AnyOrder }),
                StructureKind.Regex => GrammarCompiler.Regex(node.Text),
                StructureKind.Choice => GrammarCompiler.Choice(node.Choices),
                StructureKind.Ebnf => GrammarCompiler.Ebnf(node.Text),
                _ => throw new InvalidOperationException($"{node.Kind} is not compiled by itself."),
            };
            return null;
        }
        catch (GrammarRefusedException refused)
        {
            string prefix = refused.Path + ": ";
            return new StructureRefusal(
                refused.Path,
                refused.Message.StartsWith(prefix, StringComparison.Ordinal) ? refused.Message[prefix.Length..] : refused.Message);
        }
    }

    private static ApiException Refused(string path, string pointer, string reason) => new(new ApiError(
        DoorErrors.BadStructure, $"'{path}' cannot be kept{(pointer == "#" ? "" : " at " + pointer)}: {reason.TrimEnd('.')}.")
    {
        Param = pointer == "#" ? path : path + pointer,
    });

    // Sources may be large; only what is said of them is kept.
    private static string KeyOf(OutputStructure node)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)node.Kind, node.AnyOrder ? (byte)1 : (byte)0]);
        hash.AppendData(Encoding.UTF8.GetBytes(node.Text));
        foreach (string choice in node.Choices)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(choice);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
