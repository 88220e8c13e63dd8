using Microsoft.Extensions.Configuration;
using XLLM.Contracts.Configuration;
using XLLM.Gateway.Configuration;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Hosting;

/// <summary>
/// All configuration of a process, checked as a whole: appsettings.json beside the program, a file of the user's, environment
/// variables (<c>XLLM__Gateway__MaxChoices=4</c>), flags.
/// </summary>
internal sealed record Settings(
    ServerOptions Server,
    XllmSiloOptions Silo,
    GatewayOptions Gateway,
    XllmClusterOptions Cluster,
    TelemetryOptions Telemetry,
    IConfiguration Configuration)
{
    private static readonly string[] Sections =
    [
        ServerOptions.Section, "Silo", GatewayOptions.Section, XllmClusterOptions.Section, TelemetryOptions.Section, "Serilog",
    ];

    /// <summary>Throws <see cref="OptionsException"/> with everything that is wrong, unknown keys included.</summary>
    public static Settings Read(ServeSettings flags) => Read(flags.ConfigFile, flags.ToConfiguration());

    /// <summary>As the other; the flags are configuration keys.</summary>
    public static Settings Read(string? configFile, IEnumerable<KeyValuePair<string, string?>> flags)
    {
        ConfigurationBuilder builder = new();
        builder.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        if (configFile is { } file)
        {
            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        }

        IConfigurationRoot configuration;
        try
        {
            configuration = builder.AddEnvironmentVariables("XLLM__").AddInMemoryCollection(flags).Build();
        }
        catch (InvalidDataException e)
        {
            throw new OptionsException([$"{e.Message} {e.InnerException?.Message}".Trim()]);
        }

        OptionsResult<ServerOptions> server = Bind<ServerOptions>(configuration, ServerOptions.Section);
        OptionsResult<XllmSiloOptions> silo = Bind<XllmSiloOptions>(configuration, "Silo");
        OptionsResult<GatewayOptions> gateway = Bind<GatewayOptions>(configuration, GatewayOptions.Section);
        OptionsResult<XllmClusterOptions> cluster = Bind<XllmClusterOptions>(configuration, XllmClusterOptions.Section);
        OptionsResult<TelemetryOptions> telemetry = Bind<TelemetryOptions>(configuration, TelemetryOptions.Section);
        List<string> errors =
        [
            .. configuration.GetChildren().Select(s => s.Key).Except(Sections, StringComparer.OrdinalIgnoreCase)
                .Select(key => $"{key}: unknown section. Known: {string.Join(", ", Sections)}."),
            .. server.Errors, .. silo.Errors, .. gateway.Errors, .. cluster.Errors, .. telemetry.Errors,
            .. RoleErrors(cluster.Value.Role, silo.Value.Engines.Count),
        ];
        return errors.Count == 0
            ? new Settings(server.Value, silo.Value, gateway.Value, cluster.Value, telemetry.Value, configuration)
            : throw new OptionsException(errors);
    }

    private static IEnumerable<string> RoleErrors(NodeRole role, int engines)
    {
        if (role == NodeRole.Gateway && engines > 0)
        {
            yield return $"Silo:Engines: {engines} engines, but Cluster:Role is Gateway; a gateway has none.";
        }

        if (role == NodeRole.Engine && engines == 0)
        {
            yield return "Silo:Engines: empty, but Cluster:Role is Engine; give Silo:Engines:0:Model.";
        }
    }

    private static OptionsResult<T> Bind<T>(IConfiguration configuration, string section)
        where T : class, new() =>
        StrictOptions.Bind<T>(section, configuration.GetSection(section).AsEnumerable(makePathsRelative: true));
}
