using Essaim.Protocol;
using Essaim.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Tests.Canvas;

/// <summary>A host with the tasks the captures of Python were made with, and shorthands for signatures.</summary>
internal static class MathTasks
{
    public static TaskTestHost Host(Action<IServiceCollection>? more = null) => new(services =>
    {
        services.AddTask("tasks.add", (int x, int y) => x + y);
        services.AddTask("tasks.mul", (int x, int y) => x * y);
        services.AddTask("tasks.tsum", (int[] numbers) => numbers.Sum());
        services.AddTask("tasks.identity", (RawJson value) => value);
        services.AddTask("tasks.range", (int count) => Enumerable.Range(0, count).ToArray());
        services.AddTask("tasks.fail", string (string text) => throw new InvalidOperationException(text));
        services.AddTask("tasks.onerr", (string failedId) => failedId);
        more?.Invoke(services);
    });

    public static Signature Add(params object?[] args) => TaskSignature.Of("tasks.add", args);

    public static Signature Mul(params object?[] args) => TaskSignature.Of("tasks.mul", args);

    public static Signature Sum() => TaskSignature.Of("tasks.tsum");

    public static Signature Identity() => TaskSignature.Of("tasks.identity");

    public static Signature Fail(string text = "bad") => TaskSignature.Of("tasks.fail", [text]).AsImmutable();

    public static Signature OnError() => TaskSignature.Of("tasks.onerr");

    /// <summary>Sends, runs everything, reads the result.</summary>
    public static async Task<T> RunAsync<T>(this TaskTestHost host, Signature canvas, EnqueueOptions? options = null)
    {
        CanvasHandle handle = await host.Client.ApplyAsync(canvas, options, TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);
        return await handle.GetAsync<T>();
    }

    /// <summary>The result, which must be there already.</summary>
    public static Task<T> GetAsync<T>(this CanvasHandle handle) =>
        handle.GetResultAsync<T>(cancellationToken: new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
}
