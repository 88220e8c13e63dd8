using System.CommandLine;
using XLLM.Cli.Verify;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Text.Tokenizers;
using XLLM.Verification;
using XLLM.Verification.Gguf;
using XLLM.Verification.Golden;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm verify</c>: models, tokenizers, templates and kernel paths against reference data.</summary>
internal static class VerifyCommand
{
    private static readonly Option<EngineIsa> Isa = new("--isa")
    {
        Description = "instruction set path: auto, scalar, avx2 or avx512", Recursive = true,
    };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "kernel threads; 0 = the cores granted to the process", Recursive = true,
    };

    private static readonly Option<int> Chunk = new("--chunk")
    {
        Description = "prompt tokens a step; 0 = whole prompts", Recursive = true,
    };

    private static readonly Option<KvType> Kv = new("--kv")
    {
        Description = "type of the KV cache: F32, F16 or Q8_0", DefaultValueFactory = _ => KvType.F32, Recursive = true,
    };

    private static readonly Option<bool> FloatActivations = new("--float-activations")
    {
        Description = "gguf: float32 activations instead of int8, with the bounds that belong to them", Recursive = true,
    };

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "write the cases to a file as JSON", HelpName = "FILE", Recursive = true,
    };

    public static Command Create() => new("verify", "Compare with reference data; the last line is 'N passed, N failed'.")
    {
        Isa, Threads, Chunk, Kv, FloatActivations, Json,
        Golden(), Gguf(), Tokens(), Chats(), Blocks(), Schemas(),
    };

    private static Command Golden()
    {
        Argument<string[]> folders = new("folders") { Arity = ArgumentArity.OneOrMore, Description = "folders with config.json, model.safetensors and golden.safetensors" };
        return Make("golden", "Logits and greedy tokens of Hugging Face folders.", [folders], (parse, report) =>
        {
            foreach (string folder in parse.GetRequiredValue(folders))
            {
                report.Add(NameOf(folder), GoldenVerifier.Verify(folder, Options(parse)));
            }
        });
    }

    private static Command Gguf()
    {
        Argument<string> model = new("model") { Description = "GGUF file" };
        Argument<string> golden = new("golden") { Description = "its golden safetensors file" };
        return Make("gguf", "Logits and greedy tokens of a GGUF file, from its texts on.", [model, golden], (parse, report) =>
        {
            string path = parse.GetRequiredValue(model);
            Tokenizer tokenizer = TokenizerLoader.Load(path);
            report.Add(NameOf(path), GgufVerifier.Verify(
                path, parse.GetRequiredValue(golden), Options(parse), text => tokenizer.EncodeToIds(text)));
        });
    }

    private static Command Blocks()
    {
        Argument<string> file = new("file") { Description = "safetensors file with TYPE.bytes and TYPE.values" };
        return Make("blocks", "Dequantised blocks, bit for bit.", [file], (parse, report) =>
            report.Add(NameOf(parse.GetRequiredValue(file)), BlockVerifier.Verify(parse.GetRequiredValue(file))));
    }

    private static Command Tokens()
    {
        Argument<string> tokenizer = new("tokenizer") { Description = "folder with tokenizer.json, or GGUF file" };
        Argument<string> lines = new("file") { Description = "JSON lines with text and ids" };
        return Make("tokens", "Token ids, line by line.", [tokenizer, lines], (parse, report) =>
            report.Add(NameOf(parse.GetRequiredValue(tokenizer)), TokenVerifier.Verify(
                parse.GetRequiredValue(tokenizer), parse.GetRequiredValue(lines))));
    }

    private static Command Chats()
    {
        Argument<string> template = new("template") { Description = "folder with a chat template, GGUF file, or NAME.jinja" };
        Argument<string> lines = new("file") { Description = "JSON lines with messages and text" };
        return Make("chats", "Rendered chats, line by line.", [template, lines], (parse, report) =>
            report.Add(NameOf(parse.GetRequiredValue(template)), ChatVerifier.Verify(
                parse.GetRequiredValue(template), parse.GetRequiredValue(lines))));
    }

    private static Command Schemas()
    {
        Argument<string> tokenizer = new("tokenizer") { Description = "folder with tokenizer.json, or GGUF file" };
        Argument<string> lines = new("file") { Description = "JSON lines with schema and tests" };
        Command command = new("schemas", "JSON schemas with instances, token by token through the masks; properties in any order.")
        {
            tokenizer, lines,
        };
        command.SetAction((parse, _) => UserErrors.GuardAsync(() =>
        {
            SchemaReport report = SchemaVerifier.Verify(
                parse.GetRequiredValue(tokenizer), parse.GetRequiredValue(lines), SchemaOutput.Progress);
            return Task.FromResult(SchemaOutput.Finish(report, parse.GetValue(Json)));
        }));
        return command;
    }

    private static Command Make(string name, string description, Argument[] arguments, Action<ParseResult, VerifyReport> run)
    {
        Command command = new(name, description);
        foreach (Argument argument in arguments)
        {
            command.Add(argument);
        }

        command.SetAction((parse, _) => UserErrors.GuardAsync(() =>
        {
            VerifyReport report = new(Console.Out);
            run(parse, report);
            return Task.FromResult(report.Finish(parse.GetValue(Json)));
        }));
        return command;
    }

    private static VerifyOptions Options(ParseResult parse) => new()
    {
        Isa = parse.GetValue(Isa),
        Threads = parse.GetValue(Threads),
        Chunk = parse.GetValue(Chunk),
        KvType = parse.GetValue(Kv),
        FloatActivations = parse.GetValue(FloatActivations),
    };

    private static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
}
