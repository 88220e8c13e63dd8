using System.Security.Cryptography;
using System.Text;
using XLLM.Contracts.Configuration;

namespace XLLM.Silo.Configuration;

/// <summary>
/// What all processes of a cluster know and nobody else. Keys of single purposes are derived from it (HKDF-SHA256, RFC 5869), so
/// that none of them tells of another, and two clusters with one secret have different keys.
/// </summary>
public sealed class ClusterSecret
{
    private const int Least = 16;
    private readonly byte[] _key;
    private readonly string _clusterId;

    private ClusterSecret(byte[] key, string clusterId) => (_key, _clusterId) = (key, clusterId);

    /// <summary>
    /// The configured secret, or a fresh random one for a process that is its own cluster. Throws <see cref="OptionsException"/>
    /// when its file cannot be read or holds less than 16 characters.
    /// </summary>
    public static ClusterSecret Of(XllmClusterOptions options)
    {
        if (options.SecretFile.Length > 0)
        {
            return new ClusterSecret(ReadFile(options.SecretFile), options.ClusterId);
        }

        return new ClusterSecret(
            options.Secret.Length > 0 ? Encoding.UTF8.GetBytes(options.Secret) : RandomNumberGenerator.GetBytes(32), options.ClusterId);
    }

    /// <summary>32 bytes for one purpose.</summary>
    public byte[] KeyFor(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, 32, info: Encoding.UTF8.GetBytes($"xllm {_clusterId} {purpose}"));

    /// <summary>The key of block hashes: the same for everything in a cluster.</summary>
    public ulong BlockHashSeed() => BitConverter.ToUInt64(KeyFor("block hashes"));

    private static byte[] ReadFile(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionsException([$"Cluster:SecretFile: {e.Message}"]);
        }

        return text.Length >= Least
            ? Encoding.UTF8.GetBytes(text)
            : throw new OptionsException([$"Cluster:SecretFile: '{path}' holds {text.Length} characters; it must hold at least {Least}."]);
    }
}
