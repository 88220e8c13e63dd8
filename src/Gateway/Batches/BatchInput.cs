using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.Batches;

/// <summary>
/// An input file: where its requests are, and what is wrong with it. Lines are read again when their turn comes, so that a large
/// file costs little memory. Any thread.
/// </summary>
internal sealed class BatchInput
{
    /// <summary>Beside the body: the id and the names.</summary>
    private const int LineExtra = 4096;

    private const int MaxFaults = 100;

    private readonly List<long> _offsets = [];
    private readonly List<int> _lengths = [];
    private readonly List<BatchFault> _faults = [];

    /// <summary>Number of requests.</summary>
    public int Count => _offsets.Count;

    /// <summary>What is wrong, at most the first hundred; empty = it is sound.</summary>
    public IReadOnlyList<BatchFault> Faults => _faults;

    /// <summary>Reads and checks a whole file, line by line.</summary>
    public static async Task<BatchInput> ScanAsync(
        Stream file, string endpoint, GatewayOptions options, CancellationToken cancelled)
    {
        BatchInput input = new();
        int maxLine = (int)Math.Min(options.MaxBodyBytes + LineExtra, int.MaxValue / 2);
        LineReader lines = new(file, maxLine);
        // Ids are compared by their hash: half a SHA-256 of each is little, and nobody can make two alike.
        HashSet<UInt128> ids = [];
        for (long number = 1; input._faults.Count < MaxFaults && await lines.ReadAsync(cancelled); number++)
        {
            if (!input.Take(lines, number, endpoint, maxLine, ids, options.MaxBatchLines))
            {
                break;
            }
        }

        if (input is { Count: 0, _faults.Count: 0 })
        {
            input._faults.Add(new BatchFault("empty_file", "The input file has no requests."));
        }

        return input;
    }

    /// <summary>Reads one request of a file that was found sound.</summary>
    public async Task<BatchLine> ReadAsync(SafeFileHandle file, int index, string endpoint, CancellationToken cancelled)
    {
        byte[] line = new byte[_lengths[index]];
        int read = 0;
        while (read < line.Length)
        {
            int more = await RandomAccess.ReadAsync(file, line.AsMemory(read), _offsets[index] + read, cancelled);
            read = more > 0 ? read + more : throw new EndOfStreamException("The input file is shorter than it was.");
        }

        return BatchLine.Parse(line, endpoint, index + 1, out BatchFault? fault)
            ?? throw new InvalidDataException($"The input file is not what it was: {fault!.Message}");
    }

    private bool Take(LineReader lines, long number, string endpoint, int maxLine, HashSet<UInt128> ids, int maxLines)
    {
        if (lines.IsTooLong)
        {
            _faults.Add(new BatchFault("line_too_large", $"The line has more than {maxLine} bytes.", number));
            return true;
        }

        ReadOnlyMemory<byte> line = lines.Line;
        int mark = number == 1 && line.Span.StartsWith("\uFEFF"u8) ? 3 : 0;
        line = line[mark..];
        if (line.Span.IndexOfAnyExcept(" \t\r"u8) < 0)
        {
            return true;
        }

        if (Count == maxLines)
        {
            _faults.Add(new BatchFault("too_many_requests", $"The input file has more than {maxLines} requests.", number));
            return false;
        }

        if (BatchLine.Parse(line, endpoint, number, out BatchFault? fault) is not { } request)
        {
            _faults.Add(fault!);
            return true;
        }

        if (!ids.Add(HashOf(request.CustomId)))
        {
            _faults.Add(new BatchFault("duplicate_custom_id", "'custom_id' is that of an earlier line.", number, "custom_id"));
        }

        _offsets.Add(lines.Offset + mark);
        _lengths.Add(line.Length);
        return true;
    }

    private static UInt128 HashOf(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
