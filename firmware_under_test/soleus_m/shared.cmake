# Files that Soleus M takes from Soleus E as they are.
set(SOLEUS_M_SHARED
    drivers/events.cc drivers/memory.cc drivers/memory.h drivers/nvm.cc drivers/nvm.h drivers/tick.h
    drivers/uart.cc drivers/uart.h drivers/watchdog.cc drivers/watchdog.h logic/cobs.cc logic/cobs.h
    logic/crc16.cc logic/crc16.h logic/flash.h logic/image.cc logic/packets.cc logic/packets.h
    logic/receiver.cc logic/receiver.h logic/safety.h logic/writer.h)
