using System.ComponentModel.DataAnnotations;
using XLLM.Grains.Requests;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Prefix;
using XLLM.Scheduling.Routing;

namespace XLLM.Silo.Configuration;

/// <summary>One silo: its name, its engines, and how it routes and watches. A silo without engines is a gateway's silo.</summary>
public sealed class XllmSiloOptions : IValidatableObject
{
    /// <summary>Name in the cluster, part of its instances' ids; unique among running silos. Default silo-1.</summary>
    public string Name { get; set; } = "silo-1";

    /// <summary>Engines to load when the silo starts.</summary>
    public List<EngineOptions> Engines { get; set; } = [];

    /// <summary>How long a stopping silo lets running requests finish, 0 .. 1 h. Default 20 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long an instance whose requests were handed over stays before it leaves, so that its KV can be fetched, 0 .. 1 min.
    /// </summary>
    public TimeSpan DrainLinger { get; set; } = TimeSpan.FromSeconds(1);

    public RoutingOptions Routing { get; set; } = new();

    public FleetOptions Fleet { get; set; } = new();

    public RequestOptions Requests { get; set; } = new();

    public BlockOwnerOptions BlockOwners { get; set; } = new();

    public RooflineOptions Roofline { get; set; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Name.Length is 0 or > 128 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            yield return new($"Name is '{Name}'; it must be 1..128 letters, digits, '-', '_' or '.'.");
        }

        if (DrainTimeout < TimeSpan.Zero || DrainTimeout > TimeSpan.FromHours(1))
        {
            yield return new($"DrainTimeout is {DrainTimeout}; it must be in 0 .. 1 h.");
        }

        if (DrainLinger < TimeSpan.Zero || DrainLinger > TimeSpan.FromMinutes(1))
        {
            yield return new($"DrainLinger is {DrainLinger}; it must be in 0 .. 1 min.");
        }

        foreach (IGrouping<string, EngineOptions> same in Engines.GroupBy(x => x.Device).Where(x => x.Count() > 1))
        {
            yield return new($"Engines: {same.Count()} engines are on device '{same.Key}'; give each its own.");
        }
    }

    /// <summary>All that is wrong with these options and those inside them; empty = good.</summary>
    public IReadOnlyList<string> Errors()
    {
        List<string> errors = [.. ErrorsOf("", this), .. ErrorsOf("Routing:", Routing), .. ErrorsOf("Fleet:", Fleet)];
        errors.AddRange(ErrorsOf("Roofline:", Roofline));
        errors.AddRange(ErrorsOf("Requests:", Requests));
        errors.AddRange(ErrorsOf("BlockOwners:", BlockOwners));
        for (int i = 0; i < Engines.Count; i++)
        {
            errors.AddRange(ErrorsOf($"Engines:{i}:", Engines[i]));
            errors.AddRange(ErrorsOf($"Engines:{i}:Speculation:", Engines[i].Speculation));
            errors.AddRange(ErrorsOf($"Engines:{i}:Kv:", Engines[i].Kv));
        }

        return errors;
    }

    private static IEnumerable<string> ErrorsOf(string path, IValidatableObject options) =>
        options.Validate(new ValidationContext(options)).Select(x => path + x.ErrorMessage);
}
