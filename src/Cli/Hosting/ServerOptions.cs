using System.ComponentModel.DataAnnotations;

namespace XLLM.Cli.Hosting;

/// <summary>Where the gateway listens; configuration section <c>Server</c>.</summary>
internal sealed class ServerOptions
{
    public const string Section = "Server";

    /// <summary>Address or name to listen on; loopback by default, as the API has no keys yet.</summary>
    [Required]
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>0 = a free port.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8000;
}
