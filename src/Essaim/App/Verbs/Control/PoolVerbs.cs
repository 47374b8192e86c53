using System.CommandLine;

namespace Essaim;

/// <summary><c>control pool-grow</c> and <c>control pool-shrink</c>.</summary>
internal sealed class PoolVerb : ControlVerb
{
    private readonly Argument<int> _count = new("N") { Arity = ArgumentArity.ZeroOrOne, Description = "How many slots", DefaultValueFactory = _ => 1 };

    public PoolVerb(string name, string description)
        : base(name, description)
    {
        _count.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out int count) && count >= 1))
                result.AddError($"'{text}' is not a number of slots. Give a whole number of at least 1.");
        });
        Add(_count);
        Examples = [$"control {name}", $"control {name} 2 -d celery@host1"];
    }

    protected override Dictionary<string, object?> ArgumentsOf(CommandContext context) => new() { ["n"] = context.GetValue(_count) };
}

/// <summary><c>control autoscale</c>.</summary>
internal sealed class AutoscaleVerb : ControlVerb
{
    private readonly Argument<(int Max, int Min)?> _range = new("MAX,MIN") { Arity = ArgumentArity.ExactlyOne, Description = "Most and fewest slots", CustomParser = WorkerSettings.ParseAutoscale };

    public AutoscaleVerb()
        : base("autoscale", "Sets the most and the fewest slots of workers that autoscale.")
    {
        Add(_range);
        Examples = ["control autoscale 8,2", "control autoscale 8,2 -d celery@host1"];
    }

    protected override Dictionary<string, object?> ArgumentsOf(CommandContext context)
    {
        (int max, int min) = context.GetValue(_range)!.Value;
        return new() { ["max"] = max, ["min"] = min };
    }
}
