using System.Security.Cryptography;
using System.Text;

namespace XLLM.Cli.Hub;

/// <summary>The hash a hub lists for a file: SHA-256 of the content, or git's SHA-1 of the blob. Not thread-safe.</summary>
internal sealed class BlobHash : IDisposable
{
    private readonly HubFile _file;
    private readonly IncrementalHash _hash;

    public BlobHash(HubFile file)
    {
        _file = file;
        _hash = IncrementalHash.CreateHash(file.IsSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        AppendHeader();
    }

    /// <summary>Hashes what an earlier attempt left, positions the file at its end and returns its length.</summary>
    public async Task<long> TakeUpAsync(FileStream target, CancellationToken cancellationToken)
    {
        if (target.Length > _file.Size)
        {
            target.SetLength(0);
        }

        byte[] buffer = new byte[1 << 18];
        int read;
        while ((read = await target.ReadAsync(buffer, cancellationToken)) > 0)
        {
            _hash.AppendData(buffer, 0, read);
        }

        return target.Position;
    }

    public void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    public void Restart()
    {
        _hash.GetHashAndReset();
        AppendHeader();
    }

    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    private void AppendHeader()
    {
        if (!_file.IsSha256)
        {
            _hash.AppendData(Encoding.ASCII.GetBytes($"blob {_file.Size}\0"));
        }
    }
}
