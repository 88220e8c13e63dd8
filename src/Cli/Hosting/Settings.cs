using Microsoft.Extensions.Configuration;
using XLLM.Contracts.Configuration;
using XLLM.Gateway.Configuration;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Hosting;

/// <summary>
/// All configuration of a process, checked as a whole: appsettings.json beside the program, a file of the user's, environment
/// variables (<c>XLLM__Gateway__MaxChoices=4</c>), flags.
/// </summary>
internal sealed record Settings(ServerOptions Server, XllmSiloOptions Silo, GatewayOptions Gateway, IConfiguration Configuration)
{
    private static readonly string[] Sections = [ServerOptions.Section, "Silo", GatewayOptions.Section, "Serilog"];

    /// <summary>Throws <see cref="OptionsException"/> with everything that is wrong, unknown keys included.</summary>
    public static Settings Read(ServeSettings flags)
    {
        ConfigurationBuilder builder = new();
        builder.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        if (flags.ConfigFile is { } file)
        {
            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        }

        IConfigurationRoot configuration;
        try
        {
            configuration = builder.AddEnvironmentVariables("XLLM__").AddInMemoryCollection(flags.ToConfiguration()).Build();
        }
        catch (InvalidDataException e)
        {
            throw new OptionsException([$"{e.Message} {e.InnerException?.Message}".Trim()]);
        }

        OptionsResult<ServerOptions> server = Bind<ServerOptions>(configuration, ServerOptions.Section);
        OptionsResult<XllmSiloOptions> silo = Bind<XllmSiloOptions>(configuration, "Silo");
        OptionsResult<GatewayOptions> gateway = Bind<GatewayOptions>(configuration, GatewayOptions.Section);
        List<string> errors =
        [
            .. configuration.GetChildren().Select(s => s.Key).Except(Sections, StringComparer.OrdinalIgnoreCase)
                .Select(key => $"{key}: unknown section. Known: {string.Join(", ", Sections)}."),
            .. server.Errors, .. silo.Errors, .. gateway.Errors,
        ];
        return errors.Count == 0
            ? new Settings(server.Value, silo.Value, gateway.Value, configuration)
            : throw new OptionsException(errors);
    }

    private static OptionsResult<T> Bind<T>(IConfiguration configuration, string section)
        where T : class, new() =>
        StrictOptions.Bind<T>(section, configuration.GetSection(section).AsEnumerable(makePathsRelative: true));
}
