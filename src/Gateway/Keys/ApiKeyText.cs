using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace XLLM.Gateway.Keys;

/// <summary>Keys as clients send them.</summary>
public static class ApiKeyText
{
    private const string Prefix = "xllm-";
    private const int RandomBytes = 32;

    /// <summary>A new key of 256 random bits.</summary>
    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>SHA-256 of a key, in hexadecimal digits.</summary>
    public static string HashOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }
}
