using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Essaim.Edge.Tests;

public sealed class GpioTests
{
    private static readonly GpioPlan s_plan = new()
    {
        Inputs = new Dictionary<string, uint> { ["BTN_RED"] = 17, ["BTN_BLUE"] = 27 },
        Outputs = new Dictionary<string, uint> { ["LED_OK"] = 22, ["LED_BAD"] = 23 },
    };

    /// <summary>As a C program says of <c>linux/gpio.h</c>.</summary>
    [Fact]
    public void Structures_OfTheInterface_AreAsLargeAsTheKernels()
    {
        Assert.Equal(
            [68, 256, 592, 272, 16, 48],
            [
                Unsafe.SizeOf<GpioAbi.ChipInfo>(), Unsafe.SizeOf<GpioAbi.LineInfo>(), Unsafe.SizeOf<GpioAbi.LineRequest>(), Unsafe.SizeOf<GpioAbi.LineConfig>(),
                Unsafe.SizeOf<GpioAbi.LineValues>(), Unsafe.SizeOf<GpioAbi.LineEvent>(),
            ]);
        Assert.Equal(
            [256, 288, 560, 564, 588, 32],
            [
                Offset<GpioAbi.LineRequest>("Consumer"), Offset<GpioAbi.LineRequest>("Config"), Offset<GpioAbi.LineRequest>("LineCount"),
                Offset<GpioAbi.LineRequest>("EventBufferSize"), Offset<GpioAbi.LineRequest>("Descriptor"), Offset<GpioAbi.LineConfig>("Attributes"),
            ]);
        Assert.Equal([8, 12, 16, 20], [.. new[] { "Id", "Offset", "Number", "LineNumber" }.Select(Offset<GpioAbi.LineEvent>)]);
    }

    [Fact]
    public void Numbers_OfTheCalls_CarryTheSizeOfTheirStructure()
    {
        Assert.Equal(GpioAbi.GetChipInfo, Call(2, 1, Unsafe.SizeOf<GpioAbi.ChipInfo>()));
        Assert.Equal(GpioAbi.GetLineInfo, Call(3, 5, Unsafe.SizeOf<GpioAbi.LineInfo>()));
        Assert.Equal(GpioAbi.GetLine, Call(3, 7, Unsafe.SizeOf<GpioAbi.LineRequest>()));
        Assert.Equal(GpioAbi.GetValues, Call(3, 14, Unsafe.SizeOf<GpioAbi.LineValues>()));
        Assert.Equal(GpioAbi.SetValues, Call(3, 15, Unsafe.SizeOf<GpioAbi.LineValues>()));
    }

    [Fact]
    public void Open_Plan_AsksForAllLinesInTwoRequests()
    {
        FakeGpioKernel kernel = new();
        using (KernelGpio gpio = KernelGpio.Open(kernel, s_plan, () => { }))
        {
            (GpioAbi.LineRequest inputs, GpioAbi.LineRequest outputs) = (kernel.Requests[0], kernel.Requests[1]);
            Assert.Equal((2u, 17u, 27u, 512u, "essaim slot"), (inputs.LineCount, inputs.Offsets[0], inputs.Offsets[1], inputs.EventBufferSize, inputs.Consumer.ToString()));
            Assert.Equal(GpioAbi.Input | GpioAbi.EdgeRising | GpioAbi.EdgeFalling | GpioAbi.ActiveLow | GpioAbi.PullUp, inputs.Config.Flags);
            GpioAbi.ConfigAttribute debounce = inputs.Config.Attributes[0];
            Assert.Equal((1u, GpioAbi.DebounceAttribute, 20_000ul, 3ul), (inputs.Config.AttributeCount, debounce.Attribute.Id, debounce.Attribute.Value, debounce.Mask));
            Assert.Equal((2u, 22u, 23u, GpioAbi.Output), (outputs.LineCount, outputs.Offsets[0], outputs.Offsets[1], outputs.Config.Flags));
            Assert.Equal([10], kernel.Closed);
        }

        Assert.Equal([10, 11, 12], kernel.Closed);
    }

    [Fact]
    public async Task Changes_Presses_ComeInTheirOrder()
    {
        FakeGpioKernel kernel = new();
        using KernelGpio gpio = KernelGpio.Open(kernel, s_plan, () => { });

        kernel.Change(0, true);
        kernel.Change(1, true);
        kernel.Change(0, false);

        Assert.Equal(new InputChange("BTN_RED", true), await NextAsync(gpio));
        Assert.Equal(new InputChange("BTN_BLUE", true), await NextAsync(gpio));
        Assert.Equal(new InputChange("BTN_RED", false), await NextAsync(gpio));
        Assert.Equal((3L, 0L), (gpio.LastNumber, gpio.Holes));
        Assert.Equal([new("BTN_RED", false), new KeyValuePair<string, bool>("BTN_BLUE", true)], gpio.ReadInputs());
    }

    [Fact]
    public async Task Changes_EventsLost_AreMadeGoodFromTheLevels()
    {
        FakeGpioKernel kernel = new();
        using KernelGpio gpio = KernelGpio.Open(kernel, s_plan, () => { });
        kernel.Change(0, true);
        Assert.Equal(new InputChange("BTN_RED", true), await NextAsync(gpio));

        // Red was let go and blue pressed, and red's event is lost.
        kernel.SetLevel(0, false);
        kernel.Change(1, true, lost: 1);

        Assert.Equal(new InputChange("BTN_RED", false), await NextAsync(gpio));
        Assert.Equal(new InputChange("BTN_BLUE", true), await NextAsync(gpio));
        Assert.Equal(1, gpio.Holes);
    }

    [Fact]
    public async Task Changes_ButtonHeldAtTheStart_IsNoPress()
    {
        FakeGpioKernel kernel = new();
        kernel.SetLevel(0, true);
        using KernelGpio gpio = KernelGpio.Open(kernel, s_plan, () => { });

        kernel.Change(0, false);

        Assert.Equal(new InputChange("BTN_RED", false), await NextAsync(gpio));
    }

    [Fact]
    public void Set_Output_SwitchesThatLineOnly()
    {
        FakeGpioKernel kernel = new();
        using KernelGpio gpio = KernelGpio.Open(kernel, s_plan, () => { });

        gpio.Set("LED_OK", true);
        gpio.Set("LED_BAD", true);
        gpio.Set("LED_OK", false);
        gpio.Set("LED_NONE", true);

        Assert.Equal(2ul, kernel.Outputs);
    }

    [Fact]
    public async Task Changes_ChipTakenAway_EndWithTheReason()
    {
        FakeGpioKernel kernel = new();
        using KernelGpio gpio = KernelGpio.Open(kernel, s_plan, () => { });

        kernel.Unplug();

        EdgeException gone = await Assert.ThrowsAsync<EdgeException>(() => gpio.Changes.Completion);
        Assert.Equal(("ESS6132", "GPIO does not answer for the inputs: No such device. The agent has to be started again."), (gone.Code, gone.Message));
    }

    [Fact]
    public void Open_NoSuchChip_ListsThoseThereAre()
    {
        EdgeException other = Assert.Throws<EdgeException>(() => KernelGpio.Open(new FakeGpioKernel("gpio-mockup-A"), s_plan, () => { }));
        EdgeException none = Assert.Throws<EdgeException>(() => KernelGpio.Open(new FakeGpioKernel { Paths = [] }, s_plan, () => { }));

        Assert.Equal(
            ("ESS6130", "No GPIO chip has the label pinctrl-rp1, pinctrl-bcm2711, pinctrl-bcm2835; found /dev/gpiochip0: Permission denied, /dev/gpiochip4: gpio-mockup-A. On a machine without GPIO use --gpio none; otherwise name the chip's label, and put this user into the group gpio."),
            (other.Code, other.Message));
        Assert.Contains("; there is none at all. ", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LinesTaken_SaysWhich()
    {
        FakeGpioKernel kernel = new() { IsBusy = true };
        EdgeException busy = Assert.Throws<EdgeException>(() => KernelGpio.Open(kernel, s_plan, () => { }));

        Assert.Equal(
            ("ESS6131", "The GPIO lines BTN_RED=17, BTN_BLUE=27 cannot be had: Device or resource busy. Does another program hold them, and are the numbers right?"),
            (busy.Code, busy.Message));
        Assert.Equal([10], kernel.Closed);
    }

    [Fact]
    public async Task StandIn_Pressed_TellsChangesAndKeepsLevels()
    {
        using StandInGpio gpio = new(["BTN_RED"], ["LED_OK"]);

        Assert.True(gpio.Press("BTN_RED", true));
        Assert.True(gpio.Press("BTN_RED", true));
        Assert.False(gpio.Press("BTN_BLUE", true));
        gpio.Set("LED_OK", true);

        Assert.Equal(new InputChange("BTN_RED", true), await NextAsync(gpio));
        Assert.False(gpio.Changes.TryRead(out _));
        Assert.True(gpio.ReadInputs()["BTN_RED"]);
        Assert.True(gpio.ReadOutputs()["LED_OK"]);
    }

    [Fact]
    public void RealKernel_WithoutTheChip_SaysSo()
    {
        EdgeException none = Assert.Throws<EdgeException>(() => KernelGpio.Open(new LibcGpioKernel(), s_plan with { ChipLabels = ["no such chip"] }, () => { }));

        Assert.Equal("ESS6130", none.Code);
        Assert.StartsWith("No GPIO chip has the label no such chip; ", none.Message, StringComparison.Ordinal);
    }

    private static uint Call(uint direction, uint number, int size) => (direction << 30) | ((uint)size << 16) | (0xb4u << 8) | number;

    private static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);

    private static async Task<InputChange> NextAsync(IGpio gpio) =>
        await gpio.Changes.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
}
