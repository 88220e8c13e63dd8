namespace XLLM.Cli.Hosting;

/// <summary>What flags say; null leaves configuration, then the default. Flags win over environment, environment over appsettings.json.</summary>
internal sealed record ServeSettings
{
    /// <summary>Path of the model, already found.</summary>
    public string? Model { get; init; }

    /// <summary>Name in the API.</summary>
    public string? Name { get; init; }

    public string? Host { get; init; }

    /// <summary>0 = a free one.</summary>
    public int? Port { get; init; }

    public int? Threads { get; init; }

    public string? Isa { get; init; }

    public int? ContextLength { get; init; }

    public int? MaxRunning { get; init; }

    public int? MaxWaiting { get; init; }

    public int? MaxBatchTokens { get; init; }

    public long? KvCacheBytes { get; init; }

    /// <summary>f16, f32 or q8_0.</summary>
    public string? KvType { get; init; }

    /// <summary>off, ngram, suffix or draft.</summary>
    public string? Speculate { get; init; }

    /// <summary>Path of the draft model, already found.</summary>
    public string? DraftModel { get; init; }

    /// <summary>plain or virtual.</summary>
    public string? KvMode { get; init; }

    /// <summary>Plan the next step while one runs.</summary>
    public bool? AsyncScheduling { get; init; }

    /// <summary>A further configuration file, read after appsettings.json.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Log warnings and errors only.</summary>
    public bool Quiet { get; init; }

    /// <summary>The flags as configuration keys.</summary>
    public IReadOnlyDictionary<string, string?> ToConfiguration()
    {
        Dictionary<string, string?> keys = [];
        void Put(string key, object? value)
        {
            if (value is not null)
            {
                keys[key] = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        Put("Server:Host", Host);
        Put("Server:Port", Port);
        Put("Silo:Engines:0:Model", Model);
        Put("Silo:Engines:0:Name", Name);
        Put("Silo:Engines:0:Threads", Threads);
        Put("Silo:Engines:0:Isa", Isa);
        Put("Silo:Engines:0:ContextLength", ContextLength);
        Put("Silo:Engines:0:MaxRunning", MaxRunning);
        Put("Silo:Engines:0:MaxWaiting", MaxWaiting);
        Put("Silo:Engines:0:MaxBatchTokens", MaxBatchTokens);
        Put("Silo:Engines:0:KvCacheBytes", KvCacheBytes);
        Put("Silo:Engines:0:KvType", KvType);
        Put("Silo:Engines:0:Speculation:Method", Speculate);
        Put("Silo:Engines:0:Speculation:DraftModel", DraftModel);
        Put("Silo:Engines:0:KvMode", KvMode);
        Put("Silo:Engines:0:AsyncScheduling", AsyncScheduling);
        if (Quiet)
        {
            Put("Serilog:MinimumLevel:Default", "Warning");
        }

        return keys;
    }
}
