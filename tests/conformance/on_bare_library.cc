// Runs an experiment on libsimavr as Debian ships it, used as its manual says: the measure of what
// the bench corrects. It ends when the cycles are over or the library gives up.
#include <avr_adc.h>
#include <avr_ioport.h>
#include <avr_spi.h>
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_elf.h>

#include <algorithm>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "rig/core/error.h"
#include "tests/conformance/observed.h"

namespace conformance {
namespace {

constexpr std::uint32_t kHz = 16'000'000;

void say_nothing(avr_t* /*avr*/, const int /*level*/, const char* /*format*/, va_list /*rest*/) {}

struct Terminate {
  void operator()(avr_t* avr) const {
    avr_terminate(avr);
    std::free(avr);
  }
};

class BareLibrary {
 public:
  explicit BareLibrary(const Experiment& experiment)
      : experiment_(experiment), avr_(avr_make_mcu_by_name("atmega328p")) {
    avr_init(avr_.get());
    load();
    avr_->vcc = avr_->avcc = avr_->aref = 5000;
    avr_->log = LOG_NONE;
    avr_->sleep = [](avr_t*, avr_cycle_count_t) {};  // else it sleeps on the wall clock
    std::uint32_t flags = 0;
    avr_ioctl(avr_.get(), AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    connect();
    schedule_inputs();
  }

  Observed run() {
    avr_cycle_count_t last_cycle = 0;
    int idle_rounds = 0;
    while (avr_->cycle < experiment_.cycles && idle_rounds < 1000) {
      const bool was_resetting = is_resetting();
      const int state = avr_run(avr_.get());
      if (was_resetting) seen_.resets.push_back(avr_->cycle);
      if (state == cpu_Done || state == cpu_Crashed) break;
      idle_rounds = avr_->cycle == last_cycle ? idle_rounds + 1 : 0;
      last_cycle = avr_->cycle;
    }
    std::copy_n(avr_->data + kResultAddress, seen_.memory.size(), seen_.memory.begin());
    return seen_;
  }

 private:
  struct WatchedPin {
    BareLibrary* self;
    Pin pin;
    bool level;
  };

  void load() {
    const avr_logger_p logger = avr_global_logger_get();
    avr_global_logger_set(&say_nothing);  // or it writes to stdout
    elf_firmware_t firmware{};
    const int failed = elf_read_firmware(experiment_.firmware.c_str(), &firmware);
    if (failed != 0) throw rig::InputError(experiment_.firmware + ": cannot be loaded");
    firmware.frequency = kHz;
    avr_load_firmware(avr_.get(), &firmware);
    avr_global_logger_set(logger);
    std::free(firmware.flash);
    std::free(firmware.eeprom);
    std::free(firmware.fuse);
    std::free(firmware.lockbits);
    for (std::uint32_t i = 0; i < firmware.symbolcount; ++i) std::free(firmware.symbol[i]);
    std::free(static_cast<void*>(firmware.symbol));
  }

  void connect() {
    for (const char port : {'B', 'C', 'D'}) {
      for (int bit = 0; bit < 8; ++bit) {
        pins_.push_back(std::make_unique<WatchedPin>(WatchedPin{this, {port, bit}, false}));
        avr_irq_register_notify(pin_irq({port, bit}), &on_pin, pins_.back().get());
      }
    }
    const auto listen = [this](avr_irq_t* irq, avr_irq_notify_t notify) {
      avr_irq_register_notify(irq, notify, this);
    };
    listen(avr_io_getirq(avr_.get(), AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT),
           [](avr_irq_t*, std::uint32_t value, void* self) {
             auto* bare = static_cast<BareLibrary*>(self);
             bare->seen_.uart.push_back({bare->avr_->cycle, static_cast<std::uint8_t>(value)});
           });
    listen(avr_io_getirq(avr_.get(), AVR_IOCTL_SPI_GETIRQ(0), SPI_IRQ_OUTPUT),
           [](avr_irq_t*, std::uint32_t value, void* self) {
             auto* bare = static_cast<BareLibrary*>(self);
             bare->seen_.spi.push_back({bare->avr_->cycle, static_cast<std::uint8_t>(value)});
           });
    listen(adc_irq(ADC_IRQ_OUT_TRIGGER), [](avr_irq_t*, std::uint32_t, void* self) {
      static_cast<BareLibrary*>(self)->apply_voltages();
    });
  }

  avr_irq_t* pin_irq(Pin pin) {
    return avr_io_getirq(avr_.get(), AVR_IOCTL_IOPORT_GETIRQ(static_cast<unsigned>(pin.port)),
                         pin.bit);
  }
  avr_irq_t* adc_irq(int index) { return avr_io_getirq(avr_.get(), AVR_IOCTL_ADC_GETIRQ, index); }

  // The inputs are kept up to date at every conversion and whenever a pin moves.
  void apply_voltages() {
    for (int channel = 0; channel < 8; ++channel) {
      const double volts = input_volts(avr_->cycle, channel);
      avr_raise_irq(adc_irq(channel), static_cast<std::uint32_t>(volts * 1000));
    }
  }

  static void on_pin(avr_irq_t* /*irq*/, std::uint32_t value, void* parameter) {
    auto* watched = static_cast<WatchedPin*>(parameter);
    const bool level = (value & 1U) != 0;  // 0x100 marks an output
    if (level == watched->level) return;
    watched->level = level;
    BareLibrary& self = *watched->self;
    self.seen_.edges.push_back({self.avr_->cycle, watched->pin, level});
    self.apply_voltages();
  }

  // A byte is given to the library at its start bit: it adds the time of the byte itself.
  void schedule_inputs() {
    next_uart_ = experiment_.uart.begin();
    next_pin_ = experiment_.pins.begin();
    if (!experiment_.uart.empty()) {
      avr_cycle_timer_register(avr_.get(), next_uart_->cycle - kUartByteCycles, &on_uart_due, this);
    }
    if (!experiment_.pins.empty()) {
      avr_cycle_timer_register(avr_.get(), next_pin_->cycle, &on_pin_due, this);
    }
  }

  static avr_cycle_count_t on_uart_due(avr_t* avr, avr_cycle_count_t /*when*/, void* parameter) {
    auto* self = static_cast<BareLibrary*>(parameter);
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT),
                  self->next_uart_->value);
    if (++self->next_uart_ == self->experiment_.uart.end()) return 0;
    return self->next_uart_->cycle - kUartByteCycles;
  }

  static avr_cycle_count_t on_pin_due(avr_t* /*avr*/, avr_cycle_count_t /*when*/, void* parameter) {
    auto* self = static_cast<BareLibrary*>(parameter);
    const Edge edge = *self->next_pin_++;
    avr_raise_irq(self->pin_irq(edge.pin), edge.level ? 1 : 0);
    return self->next_pin_ == self->experiment_.pins.end() ? 0 : self->next_pin_->cycle;
  }

  // The watchdog puts another run function in place for the call that resets.
  bool is_resetting() const { return avr_->run != &avr_callback_run_raw; }

  const Experiment& experiment_;
  std::unique_ptr<avr_t, Terminate> avr_;
  std::vector<std::unique_ptr<WatchedPin>> pins_;
  std::vector<Byte>::const_iterator next_uart_;
  std::vector<Edge>::const_iterator next_pin_;
  Observed seen_;
};

}  // namespace

Observed run_on_bare_library(const Experiment& experiment) { return BareLibrary(experiment).run(); }

}  // namespace conformance
