using XLLM.Engine.Models;
using XLLM.Engine.Models.Weights;
using XLLM.Formats;
using XLLM.Formats.Gguf;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Models;

public sealed class GgufConfigTests
{
    private const string Demo = "models/xllm-demo-gguf/xllm-demo-Q4_0.gguf";
    private const string SmolLm = "models/SmolLM2-135M-Instruct.Q4_1.gguf";

    [SharedFact(Demo)]
    public void The_demo_files_metadata_say_what_its_configuration_says()
    {
        using GgufFile file = GgufFile.Open(SharedData.Find(Demo.Split('/'))!);
        ModelConfig gguf = GgufConfig.Read(file);
        ModelConfig folder = HuggingFaceConfig.Read(SharedData.DemoModel);
        Assert.Equal(folder.EndTokens.AsEnumerable(), gguf.EndTokens.AsEnumerable());
        Assert.Equal(folder.Windows.AsEnumerable(), gguf.Windows.AsEnumerable());
        Assert.Equal(folder with { EndTokens = [], Windows = [] }, gguf with { EndTokens = [], Windows = [], Title = "" });
    }

    [SharedFact(SmolLm)]
    public void A_llama_file_has_its_rotary_pairs_side_by_side_and_tied_embeddings()
    {
        using GgufFile file = GgufFile.Open(SharedData.Find(SmolLm.Split('/'))!);
        ModelConfig config = GgufConfig.Read(file);
        Assert.True(config.Rope.Interleaved);
        Assert.True(config.TiedEmbeddings);
        Assert.Equal(
            ("llama", 30, 576, 9, 3), (config.Architecture, config.Layers, config.HiddenSize, config.Heads, config.KvHeads));
        Assert.NotEmpty(config.EndTokens);
    }

    [SharedFact(Demo)]
    public void Damaged_files_give_format_errors_only_up_to_the_weights()
    {
        byte[] valid = File.ReadAllBytes(SharedData.Find(Demo.Split('/'))!);
        using var folder = new TempFolder();
        int refused = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = (byte[])valid.Clone();
            for (int i = 0; i < 3; i++)
            {
                damaged[random.Next(24, seed % 2 == 0 ? 1_200 : 120_000)] = (byte)random.Next(256);
            }

            string path = folder.Add("m.gguf", damaged);
            try
            {
                using GgufFile file = GgufFile.Open(path);
                ModelConfig config = GgufConfig.Read(file);
                ModelProgram program = ModelFamilies.Require(path, config.Architecture).Record(config);
                using var weights = new GgufWeights(file);
                WeightPlan.Make(program.Weights, weights);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 60);
    }
}
